use super::*;
use crate::market::PriceGrid;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn price(text: &str) -> Price {
    text.parse().expect(text)
}

fn size(contracts: &str) -> Quantity {
    contracts.parse().expect(contracts)
}

fn level(at: &str, contracts: &str) -> Level {
    Level { price: price(at), size: size(contracts) }
}

/// Bids 0.40 × 10 and 0.42 × 5, asks 0.45 × 7 and 0.50 × 20.
fn quoted() -> Book {
    let mut book = Book::default();
    book.replace(&[level("0.42", "5"), level("0.40", "10")], &[level("0.45", "7"), level("0.50", "20")])
        .expect("a plain snapshot");
    book
}

#[test]
fn both_outcomes_see_the_one_book() {
    let book = quoted();
    assert_eq!(book.best(Side::Bid), Some(level("0.42", "5")));
    assert_eq!(book.best(Side::Ask), Some(level("0.45", "7")));
    assert_eq!(book.own_bid(Outcome::Yes), Some(level("0.42", "5")));
    assert_eq!(book.own_ask(Outcome::Yes), Some(level("0.45", "7")));
    assert_eq!(book.own_bid(Outcome::No), Some(level("0.55", "7")));
    assert_eq!(book.own_ask(Outcome::No), Some(level("0.58", "5")));
    assert_eq!(book.spread(), Some(price("0.03")));
    assert_eq!(book.levels(Side::Ask).collect::<Vec<_>>(), [level("0.45", "7"), level("0.50", "20")]);
    assert_eq!(book.total_size(Side::Ask), size("27"));
    // 0.42 × 5 + 0.40 × 10 for the bids; 0.55 × 7 for the asks, whose second level is 0.05 away.
    assert_eq!(book.resting_within(price("0.02")), "9.95".parse().expect("dollars"));
    assert_eq!(book.resting_within(Price::ZERO), "5.95".parse().expect("dollars"));
}

#[test]
fn an_empty_side_has_no_touch_and_no_spread() {
    let mut book = Book::default();
    assert_eq!((book.best(Side::Bid), book.spread()), (None, None));
    book.replace(&[level("0.42", "5")], &[]).expect("one side may be empty");
    assert_eq!(book.state(), BookState::Synced);
    assert_eq!((book.best(Side::Ask), book.spread(), book.own_ask(Outcome::Yes)), (None, None, None));
    assert_eq!(book.resting_within(Price::ONE), "2.10".parse().expect("dollars"));
}

#[test]
fn a_delta_needs_a_snapshot_first() {
    let mut book = Book::default();
    assert_eq!(book.apply(Side::Bid, price("0.42"), size("1")), Err(BookFault::BeforeSnapshot));
    assert_eq!((book.state(), book.depth(Side::Bid)), (BookState::Awaiting, 0));
    book.suspect();
    assert_eq!(book.state(), BookState::Awaiting, "a book that never had a snapshot has nothing to distrust");

    let mut book = quoted();
    book.suspect();
    assert_eq!(book.apply(Side::Bid, price("0.42"), size("1")), Err(BookFault::BeforeSnapshot));
    assert_eq!(book.size_at(Side::Bid, price("0.42")), size("5"));
    book.replace(&[level("0.30", "1")], &[]).expect("a snapshot mends it");
    assert_eq!(book.state(), BookState::Synced);
    assert_eq!(book.depth(Side::Bid), 1);
}

#[test]
fn a_level_that_would_fall_below_zero_makes_the_book_suspect() {
    for (side, at, change) in [
        (Side::Bid, "0.42", "-5.01"),
        (Side::Ask, "0.45", "-8"),
        (Side::Bid, "0.41", "-0.01"),
        (Side::Ask, "0.99", "-1"),
    ] {
        let mut book = quoted();
        assert_eq!(book.apply(side, price(at), size(change)), Err(BookFault::Negative { price: price(at) }));
        assert_eq!(book.state(), BookState::Suspect, "{at} {change}");
        assert_eq!(book.total_size(Side::Bid), size("15"), "nothing was changed");
        assert_eq!(book.total_size(Side::Ask), size("27"), "nothing was changed");
    }
}

#[test]
fn a_level_taken_down_to_zero_is_gone() {
    let mut book = quoted();
    book.apply(Side::Bid, price("0.42"), size("-5")).expect("exactly what stands there");
    assert_eq!(book.best(Side::Bid), Some(level("0.40", "10")));
    assert_eq!(book.depth(Side::Bid), 1);
    book.apply(Side::Bid, price("0.41"), Quantity::ZERO).expect("no change");
    assert_eq!(book.depth(Side::Bid), 1, "a change of nothing makes no level");
}

#[test]
fn prices_outside_the_book_are_refused() {
    for at in ["0", "1", "-0.01", "1.01"] {
        let fault = Err(BookFault::Level { price: price(at) });
        for side in [Side::Bid, Side::Ask] {
            let mut book = quoted();
            assert_eq!(book.apply(side, price(at), size("1")), fault, "{at}");
            assert_eq!(book.state(), BookState::Suspect);
        }
        let mut book = Book::default();
        assert_eq!(book.replace(&[level(at, "1")], &[]), fault, "{at}");
        assert_eq!(book.replace(&[], &[level(at, "1")]), fault, "{at}");
        assert_eq!(book.state(), BookState::Suspect);
    }
}

#[test]
fn a_snapshot_has_to_make_sense() {
    let mut book = quoted();
    let negative = book.replace(&[level("0.42", "-1")], &[]);
    assert_eq!(negative, Err(BookFault::Level { price: price("0.42") }));
    let twice = book.replace(&[], &[level("0.50", "1"), level("0.45", "2"), level("0.50", "3")]);
    assert_eq!(twice, Err(BookFault::Level { price: price("0.50") }));
    for bid in ["0.45", "0.46"] {
        let crossed = book.replace(&[level(bid, "1")], &[level("0.45", "2")]);
        assert_eq!(crossed, Err(BookFault::Crossed { bid: price(bid), ask: price("0.45") }));
        assert_eq!(book.state(), BookState::Suspect);
    }
    book.replace(&[level("0.44", "1"), level("0.30", "0")], &[level("0.45", "2")])
        .expect("touching is no crossing");
    assert_eq!(book.depth(Side::Bid), 1, "an empty level of a snapshot is left out");
}

#[test]
fn deltas_may_cross_the_book_and_it_says_so() {
    let mut book = quoted();
    book.apply(Side::Bid, price("0.45"), size("1")).expect("a trade's deltas may cross for a moment");
    assert_eq!(book.check_crossed(), Err(BookFault::Crossed { bid: price("0.45"), ask: price("0.45") }));
    book.apply(Side::Ask, price("0.45"), size("-7")).expect("the other half");
    assert_eq!(book.check_crossed(), Ok(()));
    assert_eq!(book.state(), BookState::Synced);
}

/// The same book kept the plain way: YES prices to sizes.
#[derive(Debug, Default)]
struct Model {
    bids: BTreeMap<Price, Quantity>,
    asks: BTreeMap<Price, Quantity>,
    is_synced: bool,
}

#[derive(Debug, Clone)]
enum Operation {
    Replace(Vec<Level>, Vec<Level>),
    Apply(Side, Price, Quantity),
    Suspect,
}

impl Model {
    fn side(&mut self, side: Side) -> &mut BTreeMap<Price, Quantity> {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }

    fn levels(&self, side: Side) -> Vec<Level> {
        let level = |(&price, &size): (&Price, &Quantity)| Level { price, size };
        match side {
            Side::Bid => self.bids.iter().rev().map(level).collect(),
            Side::Ask => self.asks.iter().map(level).collect(),
        }
    }

    fn resting_within(&self, reach: Price) -> Money {
        let near = |side: Side| -> Money {
            let levels = self.levels(side);
            let within = |level: &&Level| (level.price - levels[0].price).abs() <= reach;
            let dollars =
                |level: &Level| side.outcome().yes_price(level.price).times(level.size, Rounding::Floor);
            levels.iter().filter(within).map(dollars).sum()
        };
        near(Side::Bid) + near(Side::Ask)
    }

    /// Carries out an operation and says whether the book should take it without a fault.
    fn carry_out(&mut self, operation: &Operation) -> bool {
        match operation {
            Operation::Replace(bids, asks) => {
                self.bids = bids.iter().map(|level| (level.price, level.size)).collect();
                self.asks = asks.iter().map(|level| (level.price, level.size)).collect();
                let crosses = self.bids.keys().any(|bid| self.asks.keys().any(|ask| bid >= ask));
                self.is_synced = !crosses;
                !crosses
            }
            Operation::Suspect => {
                self.is_synced = false;
                true
            }
            Operation::Apply(..) if !self.is_synced => false,
            &Operation::Apply(side, price, change) => {
                let levels = self.side(side);
                let size = levels.get(&price).copied().unwrap_or_default() + change;
                if size.is_negative() {
                    self.is_synced = false;
                    return false;
                }
                levels.insert(price, size);
                levels.retain(|_, size| !size.is_zero());
                true
            }
        }
    }
}

/// The grids to play on, each as its tradable prices, thinned to at most `MOST` so that changes meet.
fn grids() -> impl Strategy<Value = Vec<Price>> {
    const MOST: usize = 60;
    let tapered = r#"{"ranges":[{"start":"0.0000","end":"0.1000","step":"0.0010"},
        {"start":"0.1000","end":"0.9000","step":"0.0100"},{"start":"0.9000","end":"1.0000","step":"0.0010"}]}"#;
    let grids = [
        PriceGrid::cents(),
        PriceGrid::uniform(price("0.001")),
        PriceGrid::uniform(price("0.0001")),
        serde_json::from_str(tapered).expect("a grid"),
    ];
    let tradable = grids.map(|grid| {
        let all: Vec<Price> =
            (1..10_000).map(|raw| Price::from_raw(raw * 100)).filter(|price| grid.contains(*price)).collect();
        let every = all.len().div_ceil(MOST);
        all.into_iter().step_by(every).collect::<Vec<_>>()
    });
    prop::sample::select(tradable.to_vec())
}

fn snapshot_side(prices: Vec<Price>) -> impl Strategy<Value = Vec<Level>> {
    let most = prices.len();
    prop::sample::subsequence(prices, 0..=most).prop_shuffle().prop_flat_map(|prices| {
        let sizes = prop::collection::vec(1..=500_i64, prices.len());
        sizes.prop_map(move |sizes| {
            let level = |(&price, raw)| Level { price, size: Quantity::from_raw(raw) };
            prices.iter().zip(sizes).map(level).collect()
        })
    })
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    grids().prop_flat_map(|prices| {
        // Bids below a border and asks above it, or both anywhere, which nearly always crosses.
        let all = prices.clone();
        let replace = (0..=prices.len(), any::<bool>()).prop_flat_map(move |(border, anywhere)| {
            let (low, high) = if anywhere { (all.len(), 0) } else { (border, border) };
            (snapshot_side(all[..low].to_vec()), snapshot_side(all[high..].to_vec()))
        });
        let apply =
            (prop::sample::select(vec![Side::Bid, Side::Ask]), prop::sample::select(prices), -60..=200_i64)
                .prop_map(|(side, price, raw)| Operation::Apply(side, price, Quantity::from_raw(raw)));
        let operation = prop_oneof![
            3 => replace.prop_map(|(bids, asks)| Operation::Replace(bids, asks)),
            40 => apply,
            1 => Just(Operation::Suspect),
        ];
        prop::collection::vec(operation, 1..100)
    })
}

/// Compares all that can be read off the two books.
fn compare(book: &Book, model: &Model) -> Result<(), TestCaseError> {
    for side in [Side::Bid, Side::Ask] {
        let levels = model.levels(side);
        prop_assert_eq!(book.levels(side).collect::<Vec<_>>(), levels.clone());
        prop_assert!(book.levels(side).all(|level| level.size.is_positive()));
        prop_assert_eq!(book.best(side), levels.first().copied());
        prop_assert_eq!(book.depth(side), levels.len());
        prop_assert_eq!(book.total_size(side), levels.iter().map(|level| level.size).sum());
        for level in &levels {
            prop_assert_eq!(book.size_at(side, level.price), level.size);
        }
    }
    for reach in ["0", "0.01", "0.1"] {
        prop_assert_eq!(book.resting_within(price(reach)), model.resting_within(price(reach)));
    }
    Ok(())
}

proptest! {
    #[test]
    fn agrees_with_a_plain_model(operations in operations(), probe in 0..=10_000_i64) {
        let (mut book, mut model) = (Book::default(), Model::default());
        let probe = Price::from_raw(probe * 100);
        for operation in &operations {
            let accepted = match operation {
                Operation::Replace(bids, asks) => book.replace(bids, asks).is_ok(),
                Operation::Apply(side, price, change) => book.apply(*side, *price, *change).is_ok(),
                Operation::Suspect => {
                    book.suspect();
                    true
                }
            };
            prop_assert_eq!(accepted, model.carry_out(operation), "{:?}", operation);
            prop_assert_eq!(book.state() == BookState::Synced, model.is_synced);
            compare(&book, &model)?;
            let here = model.bids.get(&probe).copied().unwrap_or_default();
            prop_assert_eq!(book.size_at(Side::Bid, probe), here);
        }
    }

    #[test]
    fn undoing_every_change_empties_the_book(
        changes in prop::collection::vec((any::<bool>(), 1..100_i64, 1..10_000_i64), 0..200)
    ) {
        let mut book = Book::default();
        book.replace(&[], &[]).expect("an empty snapshot");
        let side = |is_bid: bool| if is_bid { Side::Bid } else { Side::Ask };
        for &(is_bid, cents, raw) in &changes {
            book.apply(side(is_bid), Price::from_raw(cents * 10_000), Quantity::from_raw(raw)).expect("an addition");
        }
        for &(is_bid, cents, raw) in changes.iter().rev() {
            book.apply(side(is_bid), Price::from_raw(cents * 10_000), Quantity::from_raw(-raw)).expect("its reverse");
        }
        for side in [Side::Bid, Side::Ask] {
            prop_assert_eq!(book.depth(side), 0);
            prop_assert_eq!(book.total_size(side), Quantity::ZERO);
        }
    }
}
