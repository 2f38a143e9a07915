use super::chance::SIGMA;
use super::listing::{Listing, list};
use super::path::{Bracket, SPAN, normal};
use super::*;
use crate::kalshi::ws::message::{BookSide, LifecycleChange, OutcomeSide};
use crate::kalshi::ws::{Decoder, Message};
use crate::market::book::BookState;
use crate::market::{Book, Level, MarketSpec, Side};
use crate::units::{MICROS, Quantity};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

fn settings(mix: Mix, markets: usize, minutes: u64) -> GeneratedSettings {
    GeneratedSettings {
        mix,
        markets,
        duration: Duration::from_secs(minutes * 60),
        ..GeneratedSettings::default()
    }
}

/// Frames and a digest of all that the settings bring.
fn digest(settings: &GeneratedSettings) -> (u64, u64) {
    let mut source = GeneratedMarkets::new(settings);
    let (mut frames, mut hasher) = (0, DefaultHasher::new());
    while let Some((at, item)) = source.next().unwrap() {
        hasher.write_i64(at.micros());
        match item {
            Item::Frame(frame) => {
                frames += 1;
                hasher.write(frame);
            }
            Item::Event(event) => hasher.write(format!("{event:?}").as_bytes()),
        }
    }
    (frames, hasher.finish())
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let settings = settings(Mix::Varied, 60, 20);
    let (frames, first) = digest(&settings);
    assert!(frames > 1_000, "{frames} frames");
    assert_eq!((frames, first), digest(&settings));
    assert_ne!(first, digest(&GeneratedSettings { seed: 2, ..settings }).1);
}

/// A reader of the frames that checks each against the books it keeps.
#[derive(Default)]
struct Reader {
    specs: BTreeMap<String, MarketSpec>,
    books: BTreeMap<String, Book>,
    seqs: BTreeMap<u32, u64>,
    last_delta: Option<(String, BookSide, Price, Quantity)>,
    results: BTreeMap<String, bool>,
    settled: usize,
    deltas: usize,
    prints: usize,
    tickers: usize,
    /// For each spread in ticks, how many deltas left a market with it.
    spreads: BTreeMap<i64, usize>,
}

impl Reader {
    fn read(settings: &GeneratedSettings) -> Self {
        let mut source = GeneratedMarkets::new(settings);
        let (mut reader, mut decoder) = (Self::default(), Decoder::default());
        let (mut clock, mut connected) = (settings.start, false);
        while let Some((at, item)) = source.next().unwrap() {
            assert!(at >= clock, "{at} comes after {clock}");
            clock = at;
            match item {
                Item::Event(Event::Listed(spec)) => {
                    assert!(!connected, "markets are listed before the feed comes up");
                    assert!(
                        reader.specs.insert(spec.ticker.clone(), spec.clone()).is_none(),
                        "{}",
                        spec.ticker
                    );
                }
                Item::Event(Event::Connected) => connected = true,
                Item::Event(other) => panic!("{other:?}"),
                Item::Frame(bytes) => {
                    let frame = decoder.decode(bytes).unwrap();
                    if let Some(seq) = frame.seq {
                        let last = reader.seqs.entry(frame.sid.unwrap()).or_default();
                        assert_eq!(seq, *last + 1, "sid {:?}", frame.sid);
                        *last = seq;
                    }
                    reader.frame(at, frame.message);
                }
            }
        }
        reader
    }

    fn frame(&mut self, at: Timestamp, message: Message<'_>) {
        match message {
            Message::Snapshot(snapshot) => {
                let levels = |side: &[(Price, Quantity)]| {
                    side.iter().map(|&(price, size)| Level { price, size }).collect::<Vec<_>>()
                };
                let book = self.books.entry(snapshot.ticker.to_string()).or_default();
                book.replace(&levels(snapshot.yes), &levels(snapshot.no)).unwrap();
            }
            Message::Delta(delta) => {
                let spec = &self.specs[&*delta.ticker];
                assert!(at < spec.close + Duration::from_secs(1), "{} changes after its close", spec.ticker);
                assert!(
                    spec.grid.contains(delta.price),
                    "{} is off the grid of {}",
                    delta.price,
                    spec.ticker
                );
                let side = match delta.side {
                    OutcomeSide::Yes => Side::Bid,
                    OutcomeSide::No => Side::Ask,
                };
                let book = self.books.get_mut(&*delta.ticker).unwrap();
                book.apply(side, delta.price, delta.change).unwrap();
                book.check_crossed().unwrap();
                assert_eq!(book.state(), BookState::Synced);
                if let Some(spread) = book.spread() {
                    let tick = spec.grid.step_above(book.best(Side::Bid).unwrap().price);
                    *self.spreads.entry(spread.raw() / tick.raw()).or_default() += 1;
                }
                self.deltas += 1;
                let side = delta.side.book_side();
                self.last_delta = Some((delta.ticker.to_string(), side, delta.price, delta.change));
            }
            Message::Trade(trade) => {
                let resting = match trade.taker {
                    OutcomeSide::Yes => BookSide::Ask,
                    OutcomeSide::No => BookSide::Bid,
                };
                assert!(trade.quantity.is_positive());
                let taken = (trade.ticker.to_string(), resting, trade.yes_price, -trade.quantity);
                assert_eq!(self.last_delta, Some(taken), "a print takes its size off the book");
                self.prints += 1;
            }
            Message::Ticker(ticker) => {
                let book = &self.books[&*ticker.ticker];
                let bid = book.best(Side::Bid).map_or(Price::ZERO, |level| level.price);
                let ask = book.best(Side::Ask).map_or(Price::ONE, |level| level.price);
                assert_eq!((ticker.bid, ticker.ask), (bid, ask));
                self.tickers += 1;
            }
            Message::Lifecycle(step) => match step.change {
                LifecycleChange::Determined { result, settlement_value, .. } => {
                    let yes = result == MarketResult::Yes;
                    assert_eq!(settlement_value, Some(if yes { Price::ONE } else { Price::ZERO }));
                    assert!(at > self.specs[&*step.ticker].close);
                    assert!(self.results.insert(step.ticker.to_string(), yes).is_none());
                }
                LifecycleChange::Settled { .. } => {
                    assert!(self.results.contains_key(&*step.ticker), "settled before it was determined");
                    self.settled += 1;
                }
                LifecycleChange::Activated => assert!(!self.books.contains_key(&*step.ticker)),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    /// Share of the deltas, in per cent, after which the spread was between these numbers of ticks.
    fn spread_share(&self, ticks: std::ops::RangeInclusive<i64>) -> usize {
        let within: usize = self.spreads.range(ticks).map(|(_, count)| count).sum();
        within * 100 / self.spreads.values().sum::<usize>()
    }
}

#[test]
fn varied_markets_keep_sound_books() {
    let read = Reader::read(&settings(Mix::Varied, 66, 40));
    assert_eq!(read.specs.len(), 66);
    assert!(read.books.len() >= 60, "{} books", read.books.len());
    assert!(read.deltas > 20_000 && read.prints > 500 && read.tickers > 1_000);
    let narrow = read.spread_share(1..=2);
    assert!((50..=90).contains(&narrow), "{narrow} % of the spreads are at most two ticks");
}

#[test]
fn fast_markets_settle_on_the_side_where_they_ended() {
    const MARKETS: usize = 4;
    let read = Reader::read(&settings(Mix::QuarterHour, MARKETS, 22));
    assert_eq!((read.results.len(), read.settled), (MARKETS, MARKETS));
    for (ticker, &yes) in &read.results {
        let book = &read.books[ticker];
        let bid = book.best(Side::Bid).map_or(Price::ZERO, |level| level.price);
        assert_eq!(bid >= Price::from_raw(500_000), yes, "{ticker} ended at a bid of {bid}");
    }
    // Recorded: 33 to 70 deltas a second and 28 to 129 prints a minute; spread of one tick 40 %, up to three 87 %.
    let seconds = MARKETS * 15 * 60;
    assert!((25..=75).contains(&(read.deltas / seconds)), "{} deltas a second", read.deltas / seconds);
    let prints = read.prints * 60 / seconds;
    assert!((28..=130).contains(&prints), "{prints} prints a minute");
    let (one, three) = (read.spread_share(1..=1), read.spread_share(1..=3));
    assert!((20..=65).contains(&one) && (75..=99).contains(&three), "{one} % and {three} %");
}

#[test]
fn exactly_one_market_of_an_event_comes_true() {
    let mut exclusive = 0;
    for Listing { markets, .. } in list(&settings(Mix::Varied, 240, 480), &mut Chance::new(7)) {
        if markets.len() == 1 {
            continue;
        }
        exclusive += 1;
        for step in -800..=800 {
            let value = step * SPAN / 100;
            let yes = markets.iter().filter(|(_, bracket)| bracket.contains(value)).count();
            assert_eq!(yes, 1, "{} at {value}", markets[0].0.event);
        }
        let fair: i64 = markets.iter().map(|(_, bracket)| bracket.probability(SPAN / 3, SPAN)).sum();
        assert_eq!(fair, MICROS);
    }
    assert!(exclusive > 20);
}

#[test]
fn the_default_mix_has_what_a_filter_must_tell_apart() {
    let settings = GeneratedSettings::default();
    let listings = list(&settings, &mut Chance::new(settings.seed));
    let specs: Vec<&MarketSpec> =
        listings.iter().flat_map(|listing| &listing.markets).map(|(spec, _)| spec).collect();
    let count = |wanted: &dyn Fn(&MarketSpec) -> bool| specs.iter().filter(|spec| wanted(spec)).count();
    assert_eq!(specs.len(), settings.markets);
    for category in ["Climate and Weather", "Crypto", "Sports", "Economics", "Politics", "Commodities"] {
        assert!(count(&|spec| spec.category == category) > 0, "{category}");
    }
    assert!(
        specs.iter().all(|spec| spec.ticker.starts_with("KXDEMO") && spec.ticker.starts_with(&spec.event))
    );
    let hours = |spec: &MarketSpec| settings.start.until(spec.close).as_secs() / 3_600;
    assert!(count(&|spec| hours(spec) < 8) > 10, "some close within the run");
    assert!(count(&|spec| (1..24).contains(&hours(spec))) > 60, "most close within a day");
    assert!(count(&|spec| hours(spec) >= 24) > 5, "some close later");
    let busy = count(&|spec| spec.volume >= Quantity::from_contracts(10_000));
    assert!(busy * 2 > specs.len() && busy < specs.len(), "{busy} of {} above 10,000 contracts", specs.len());
    assert!(count(&|spec| spec.fees.multiplier_ppm == 500_000) > 0);
    assert!(count(&|spec| spec.grid.ranges().len() == 3) > 0);
}

/// Follows many events to their end and counts how often what was first quoted between these prices came true:
/// quotes, mean quote in millionths, wins.
fn first_quotes(from: i64, to: i64, overconfidence: Ratio) -> (i64, i64, i64) {
    const EVENTS: u64 = 1_500;
    const SPAN_MICROS: i64 = 15 * 60 * 1_000_000;
    let bracket = Bracket { low: Some(0), high: None };
    let (mut quotes, mut sum, mut wins) = (0, 0, 0);
    let mut chance = Chance::new(11);
    for _ in 0..EVENTS {
        let mut path = Path::new(0, SPAN_MICROS, chance.branch());
        let mut entered = None;
        while !path.ended() {
            let next = path.next_step();
            path.advance(next);
            let quoted = bracket.probability(path.value(), path.quoted_deviation(overconfidence));
            for (yes, price) in [(true, quoted), (false, MICROS - quoted)] {
                if entered.is_none() && (from..to).contains(&price) {
                    entered = Some(yes);
                    quotes += 1;
                    sum += price;
                }
            }
        }
        wins += i64::from(entered == Some(bracket.contains(path.value())));
    }
    (quotes, sum / quotes, wins)
}

#[test]
fn fair_quotes_come_true_as_often_as_they_say() {
    let (quotes, mean, wins) = first_quotes(880_000, 920_000, Ratio::ZERO);
    let rate = wins * MICROS / quotes;
    assert!(quotes > 1_000, "{quotes}");
    assert!((rate - mean).abs() < 25_000, "quoted {mean}, came true {rate}");
}

#[test]
fn favourites_are_too_dear_by_the_recorded_amount() {
    let overconfidence = GeneratedSettings::default().overconfidence;
    let (quotes, mean, wins) = first_quotes(880_000, 920_000, overconfidence);
    let rate = wins * MICROS / quotes;
    let expected = normal(SIGMA * 1_281 / 1_000 * (MICROS - overconfidence.raw()) / MICROS);
    assert!((860_000..875_000).contains(&expected), "{expected}");
    assert!((rate - expected).abs() < 25_000, "quoted {mean}, came true {rate} instead of {expected}");
    assert!(mean - rate > 10_000, "quoted {mean}, came true {rate}");
}

#[test]
fn the_normal_distribution_is_right_to_a_hundredth_of_a_cent() {
    for (thousandths, share) in
        [(0, 500_000), (253, 599_866), (1_000, 841_345), (1_282, 900_079), (1_645, 950_015), (3_000, 998_650)]
    {
        let z = SIGMA * thousandths / 1_000;
        assert!((normal(z) - share).abs() <= 100, "{thousandths}: {}", normal(z));
        assert_eq!(normal(z) + normal(-z), MICROS);
    }
    assert_eq!((normal(i64::MAX), normal(i64::MIN)), (MICROS, 0));
}

#[test]
fn a_whole_path_has_the_standard_deviation_it_promises() {
    const PATHS: i128 = 1_500;
    let mut chance = Chance::new(3);
    let squares: i128 = (0..PATHS)
        .map(|_| {
            let mut path = Path::new(0, 3_600_000_000, chance.branch());
            while !path.ended() {
                let next = path.next_step();
                path.advance(next);
            }
            i128::from(path.value()) * i128::from(path.value())
        })
        .sum();
    let permille = squares * 1_000 / PATHS / (i128::from(SPAN) * i128::from(SPAN));
    assert!((900..1_100).contains(&permille), "the variance is {permille} thousandths of what it should be");
}
