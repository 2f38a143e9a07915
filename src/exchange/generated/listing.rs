//! Which events and markets there are: invented, and named in the exchange's form.

use super::chance::{Chance, Quantiles};
use super::path::{Bracket, SPAN};
use super::{GeneratedSettings, Mix};
use crate::fees::{FeeKind, FeeSchedule};
use crate::market::grid::TickRange;
use crate::market::{MarketSpec, MarketStatus, PriceGrid};
use crate::units::{Price, Quantity, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// How much happens in a market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Minutes between changes.
    Quiet,
    /// A few changes a minute, as in the recorded weather markets.
    Steady,
    /// About one change a second.
    Lively,
    /// As in the recorded fifteen-minute markets.
    Fast,
}

/// An event and its markets.
#[derive(Debug)]
pub(super) struct Listing {
    /// When the hidden value begins to move.
    pub(super) from: Timestamp,
    /// When it stands, at the latest at the close.
    pub(super) news_end: Timestamp,
    pub(super) close: Timestamp,
    pub(super) markets: Vec<(MarketSpec, Bracket)>,
    pub(super) pace: Pace,
}

/// What an event's markets ask.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// Neighbouring ranges of one number, of which exactly one comes true.
    Ranges { count: i64, base: i64, width: i64, unit: &'static str },
    /// Two sides, of which one wins.
    Versus,
    /// One market.
    Single { suffix: &'static str },
}

/// The grids on offer (api section 3).
#[derive(Debug, Clone, Copy)]
enum Grid {
    Cent,
    DeciCent,
    TaperedDeciCent,
}

#[derive(Debug, Clone, Copy)]
struct Series {
    ticker: &'static str,
    category: &'static str,
    title: &'static str,
    shape: Shape,
    grid: Grid,
    fees: FeeSchedule,
    pace: Pace,
    /// Whether what decides is known hours before the close.
    known_early: bool,
}

const PLAIN: FeeSchedule = FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 };
const HALF: FeeSchedule = FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 500_000 };
const WITH_MAKER: FeeSchedule =
    FeeSchedule { kind: FeeKind::QuadraticWithMakerFees, multiplier_ppm: 1_000_000 };

/// In this order, again and again, until there are as many markets as asked for.
const SERIES: [Series; 12] = [
    Series {
        ticker: "KXDEMOTEMPN",
        category: "Climate and Weather",
        title: "High temperature in North Bay",
        shape: Shape::Ranges { count: 6, base: 58, width: 2, unit: "°" },
        grid: Grid::Cent,
        fees: PLAIN,
        pace: Pace::Steady,
        known_early: true,
    },
    Series {
        ticker: "KXDEMOGAME",
        category: "Sports",
        title: "Demo League",
        shape: Shape::Versus,
        grid: Grid::Cent,
        fees: WITH_MAKER,
        pace: Pace::Lively,
        known_early: false,
    },
    Series {
        ticker: "KXDEMOCOIN",
        category: "Crypto",
        title: "Price of Democoin",
        shape: Shape::Ranges { count: 5, base: 4_000, width: 250, unit: " dollars" },
        grid: Grid::TaperedDeciCent,
        fees: PLAIN,
        pace: Pace::Steady,
        known_early: false,
    },
    Series {
        ticker: "KXDEMOVOTE",
        category: "Politics",
        title: "Council passes the budget",
        shape: Shape::Single { suffix: "PASS" },
        grid: Grid::Cent,
        fees: PLAIN,
        pace: Pace::Quiet,
        known_early: false,
    },
    Series {
        ticker: "KXDEMOCOIN15M",
        category: "Crypto",
        title: "Democoin up in fifteen minutes",
        shape: Shape::Single { suffix: "UP" },
        grid: Grid::TaperedDeciCent,
        fees: PLAIN,
        pace: Pace::Fast,
        known_early: false,
    },
    Series {
        ticker: "KXDEMORAIN",
        category: "Climate and Weather",
        title: "Rain in Eastport",
        shape: Shape::Single { suffix: "RAIN" },
        grid: Grid::Cent,
        fees: PLAIN,
        pace: Pace::Steady,
        known_early: true,
    },
    Series {
        ticker: "KXDEMOCPI",
        category: "Economics",
        title: "Demo price index",
        shape: Shape::Ranges { count: 4, base: 310, width: 1, unit: " points" },
        grid: Grid::Cent,
        fees: PLAIN,
        pace: Pace::Steady,
        known_early: false,
    },
    Series {
        ticker: "KXDEMOBALL",
        category: "Sports",
        title: "Demo Ball",
        shape: Shape::Versus,
        grid: Grid::Cent,
        fees: HALF,
        pace: Pace::Steady,
        known_early: false,
    },
    Series {
        ticker: "KXDEMOGOLD",
        category: "Commodities",
        title: "Gold above its opening",
        shape: Shape::Single { suffix: "UP" },
        grid: Grid::DeciCent,
        fees: PLAIN,
        pace: Pace::Lively,
        known_early: false,
    },
    Series {
        ticker: "KXDEMOTEMPS",
        category: "Climate and Weather",
        title: "High temperature in South Hill",
        shape: Shape::Ranges { count: 6, base: 71, width: 2, unit: "°" },
        grid: Grid::Cent,
        fees: PLAIN,
        pace: Pace::Steady,
        known_early: true,
    },
    Series {
        ticker: "KXDEMOJOBS",
        category: "Economics",
        title: "Demo jobless claims rise",
        shape: Shape::Single { suffix: "RISE" },
        grid: Grid::Cent,
        fees: PLAIN,
        pace: Pace::Quiet,
        known_early: false,
    },
    Series {
        ticker: "KXDEMOGOLD15M",
        category: "Commodities",
        title: "Gold up in fifteen minutes",
        shape: Shape::Single { suffix: "UP" },
        grid: Grid::Cent,
        fees: PLAIN,
        pace: Pace::Fast,
        known_early: false,
    },
];

/// Teams of the sports series: code and name.
const TEAMS: [(&str, &str); 10] = [
    ("HBR", "Harbour"),
    ("SMT", "Summit"),
    ("PRA", "Prairie"),
    ("RDG", "Ridge"),
    ("DLT", "Delta"),
    ("GRV", "Grove"),
    ("LKS", "Lakeside"),
    ("MSA", "Mesa"),
    ("CVE", "Cove"),
    ("FLD", "Fields"),
];

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// From the start to the close, in seconds: a quarter of the events close within eight hours, half of them within a
/// day, a quarter later.
const TIME_TO_CLOSE: Quantiles =
    Quantiles(&[(0, 45 * MINUTE), (250, 8 * HOUR), (750, 23 * HOUR), (1_000, 30 * HOUR)]);
/// Contracts traded before the start; the median of the recorded weather markets is 10,876 at their end.
const VOLUME: Quantiles =
    Quantiles(&[(0, 400), (100, 4_000), (200, 10_000), (500, 30_000), (800, 120_000), (1_000, 900_000)]);
/// Distance between the bounds of neighbouring ranges, in thousandths of the path's standard deviation.
const RANGE_WIDTH: Quantiles = Quantiles(&[(0, 400), (500, 800), (1_000, 1_800)]);

/// The events, in the order of listing.
pub(super) fn list(settings: &GeneratedSettings, chance: &mut Chance) -> Vec<Listing> {
    let series = match settings.mix {
        Mix::Varied => &SERIES[..],
        Mix::QuarterHour => &SERIES[SERIES.len() - 1..],
    };
    let mut listings = Vec::new();
    let mut numbers: BTreeMap<&str, i64> = BTreeMap::new();
    let mut left = settings.markets;
    for series in series.iter().cycle() {
        if left == 0 {
            break;
        }
        if series.market_count() > left {
            continue;
        }
        left -= series.market_count();
        let number = numbers.entry(series.ticker).or_default();
        *number += 1;
        listings.push(series.event(settings, *number, &mut chance.branch()));
    }
    listings
}

impl Series {
    fn market_count(&self) -> usize {
        match self.shape {
            Shape::Ranges { count, .. } => usize::try_from(count).unwrap_or(0),
            Shape::Versus => 2,
            Shape::Single { .. } => 1,
        }
    }

    fn event(&self, settings: &GeneratedSettings, number: i64, chance: &mut Chance) -> Listing {
        let (open, close) = self.hours(settings, number, chance);
        let from = open.max(settings.start);
        let news_end = if self.known_early { early_end(from, close, chance) } else { close };
        let day = calendar(close, "%y%b%d").to_uppercase();
        let (teams, brackets) = self.brackets(chance);
        let event = format!("{}-{day}{number:02}{teams}", self.ticker);
        let shown_day = calendar(close, "%b %-d");
        let markets = brackets
            .into_iter()
            .map(|(suffix, subtitle, bracket)| {
                let started = open <= settings.start;
                let volume = if started { chance.draw(VOLUME) } else { 0 };
                let spec = MarketSpec {
                    ticker: format!("{event}-{suffix}"),
                    event: event.clone(),
                    series: self.ticker.to_owned(),
                    category: self.category.to_owned(),
                    title: format!("{} on {shown_day}{subtitle}", self.title),
                    open,
                    close,
                    grid: self.grid.ranges(),
                    fees: self.fees,
                    status: if started { MarketStatus::Active } else { MarketStatus::Initialized },
                    volume: Quantity::from_contracts(volume),
                    shard: 0,
                };
                (spec, bracket)
            })
            .collect();
        Listing { from, news_end, close, markets, pace: self.pace }
    }

    /// When the event's markets open and close. Fast ones live for fifteen minutes, one after the other.
    fn hours(
        &self,
        settings: &GeneratedSettings,
        number: i64,
        chance: &mut Chance,
    ) -> (Timestamp, Timestamp) {
        const QUARTER: u64 = 15 * 60;
        if self.pace != Pace::Fast {
            let to_close = chance.draw(TIME_TO_CLOSE) / (5 * MINUTE) * 5 * MINUTE;
            let day = Duration::from_secs(24 * 60 * 60);
            return (settings.start - day, settings.start + Duration::from_secs(to_close.unsigned_abs()));
        }
        let place = match settings.mix {
            Mix::Varied => (number - 1).unsigned_abs() * 4 % (settings.duration.as_secs() / QUARTER).max(1),
            Mix::QuarterHour => 0,
        };
        let open = settings.start + Duration::from_secs(place * QUARTER);
        (open, open + Duration::from_secs(QUARTER))
    }

    /// What the event's ticker adds for its teams, and each market's suffix, subtitle and bracket.
    fn brackets(&self, chance: &mut Chance) -> (String, Vec<(String, String, Bracket)>) {
        match self.shape {
            Shape::Ranges { count, base, width, unit } => {
                (String::new(), ranges(count, base, width, unit, chance))
            }
            Shape::Versus => {
                let home = chance.between(0, 9);
                let away = (home + chance.between(1, 9)) % 10;
                let [(home_code, home), (away_code, away)] =
                    [home, away].map(|team| TEAMS[usize::try_from(team).unwrap_or(0)]);
                let (wins, loses) = halves(chance);
                let market = |code: &str, name: &str, bracket| {
                    (code.to_owned(), format!(": {home} v {away}, {name} wins"), bracket)
                };
                let markets = vec![market(home_code, home, wins), market(away_code, away, loses)];
                (format!("{home_code}{away_code}"), markets)
            }
            Shape::Single { suffix } => {
                let bracket = match self.pace {
                    Pace::Fast => Bracket { low: Some(0), high: None },
                    _ => halves(chance).0,
                };
                (String::new(), vec![(suffix.to_owned(), String::new(), bracket)])
            }
        }
    }
}

impl Grid {
    fn ranges(self) -> PriceGrid {
        let price = |raw: i64| Price::from_raw(raw);
        let (deci, cent) = (price(1_000), price(10_000));
        match self {
            Self::Cent => PriceGrid::cents(),
            Self::DeciCent => PriceGrid::uniform(deci),
            Self::TaperedDeciCent => PriceGrid::new(vec![
                TickRange { start: Price::ZERO, end: price(100_000), step: deci },
                TickRange { start: price(100_000), end: price(900_000), step: cent },
                TickRange { start: price(900_000), end: Price::ONE, step: deci },
            ])
            .expect("the three ranges join"),
        }
    }
}

/// Two outcomes that share the line, one of them the favourite as often as recorded markets have one.
fn halves(chance: &mut Chance) -> (Bracket, Bracket) {
    let bound = chance.gaussian() * (SPAN / super::chance::SIGMA) * 13 / 10;
    (Bracket { low: Some(bound), high: None }, Bracket { low: None, high: Some(bound) })
}

fn ranges(
    count: i64,
    base: i64,
    width: i64,
    unit: &str,
    chance: &mut Chance,
) -> Vec<(String, String, Bracket)> {
    let apart = SPAN / 1_000 * chance.draw(RANGE_WIDTH);
    let shift = chance.between(-apart, apart);
    let bound = |place: i64| (place * 2 - count) * apart / 2 + shift;
    let strike = |place: i64| base + (place - 1) * width;
    (0..count)
        .map(|place| {
            let low = (place > 0).then(|| bound(place));
            let high = (place + 1 < count).then(|| bound(place + 1));
            let (from, to) = (strike(place), strike(place + 1));
            let (suffix, subtitle) = match (low, high) {
                (None, _) => (format!("T{to}"), format!(": below {to}{unit}")),
                (_, None) => (format!("T{from}"), format!(": {from}{unit} or above")),
                _ => (format!("B{from}"), format!(": {from} to below {to}{unit}")),
            };
            (suffix, subtitle, Bracket { low, high })
        })
        .collect()
}

/// When the news ends for an event whose outcome is known two to five hours before its close.
fn early_end(from: Timestamp, close: Timestamp, chance: &mut Chance) -> Timestamp {
    let lead = Duration::from_secs(chance.between(2 * HOUR, 5 * HOUR).unsigned_abs());
    (close - lead).max(close - from.until(close) / 3)
}

fn calendar(at: Timestamp, format: &str) -> String {
    jiff::Timestamp::from_microsecond(at.micros())
        .map_or_else(|_| at.micros().to_string(), |at| at.strftime(format).to_string())
}
