//! What holds whatever happens: random orders, cancels and market events, checked against a plain count.

use super::tests::{Floor, LATENCY, contracts, ms};
use super::*;
use crate::execution::Fill;
use proptest::prelude::*;
use std::collections::HashMap;

/// One thing that happens, with prices in cents and sizes in contracts.
#[derive(Debug, Clone)]
enum Step {
    Place { side: Side, cents: i64, count: i64, immediate: bool, post_only: bool, lifetime: Option<i64> },
    Cancel(u64),
    Delta { side: Side, cents: i64, change: i64 },
    Print { taker: Side, cents: i64, count: i64 },
    Status(MarketStatus),
    Settled(Resolution),
}

fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Bid), Just(Side::Ask)]
}

fn any_step() -> impl Strategy<Value = Step> {
    let lifetime = prop::option::of(1..400_i64);
    let place = (any_side(), 45..56_i64, 1..40_i64, any::<bool>(), any::<bool>(), lifetime).prop_map(
        |(side, cents, count, immediate, post_only, lifetime)| Step::Place {
            side,
            cents,
            count,
            immediate,
            post_only,
            lifetime,
        },
    );
    let delta = (any_side(), 45..56_i64, -30..40_i64).prop_map(|(side, cents, change)| Step::Delta {
        side,
        cents,
        change,
    });
    let print = (any_side(), 45..56_i64, 1..40_i64).prop_map(|(taker, cents, count)| Step::Print {
        taker,
        cents,
        count,
    });
    let status = prop_oneof![4 => Just(MarketStatus::Active), 1 => Just(MarketStatus::Inactive)];
    let resolution = prop_oneof![
        Just(Resolution::Yes),
        Just(Resolution::No),
        Just(Resolution::Scalar(Price::from_raw(333_300)))
    ];
    prop_oneof![
        10 => place,
        3 => (1..40_u64).prop_map(Step::Cancel),
        12 => delta,
        8 => print,
        1 => status.prop_map(Step::Status),
        1 => resolution.prop_map(Step::Settled),
    ]
}

/// The floor and what it was asked for.
struct Run {
    floor: Floor,
    requests: HashMap<OrderId, OrderRequest>,
    paid_out: Money,
}

fn cents(cents: i64) -> Price {
    Price::from_raw(cents * 10_000)
}

impl Run {
    fn new() -> Self {
        let mut floor = Floor::open();
        floor.snapshot(ms(1), &[("0.49", 30), ("0.48", 20)], &[("0.52", 10), ("0.53", 20)]);
        Self { floor, requests: HashMap::new(), paid_out: Money::ZERO }
    }

    /// Does one step, whatever of it makes sense on the book as it is.
    fn step(&mut self, at: Timestamp, step: &Step) {
        self.floor.advance(at);
        match *step {
            Step::Place { side, cents: limit, count, immediate, post_only, lifetime } => {
                let mut request = self.floor.order(side, "0.50", count);
                request.price = cents(limit);
                request.post_only = post_only;
                request.time_in_force = if immediate {
                    TimeInForce::ImmediateOrCancel
                } else {
                    let expires = lifetime.map(|millis| at + Duration::from_millis(millis.unsigned_abs()));
                    TimeInForce::GoodTillCancelled { expires }
                };
                self.requests.insert(request.id, request.clone());
                self.floor.send(at, request);
            }
            Step::Cancel(order) => {
                let command = Command::Cancel { order: OrderId(order) };
                self.floor.venue.submit(at, &command, &self.floor.catalogue);
            }
            Step::Delta { side, cents: level, change } => {
                self.delta(at, side, cents(level), contracts(change));
            }
            Step::Print { taker, cents: level, count } => {
                self.floor.print(at, taker, cents(level), contracts(count));
            }
            Step::Status(status) => self.floor.status(at, status),
            Step::Settled(resolution) => {
                let held = self.floor.venue.position(self.floor.market);
                let outcome = if held.is_negative() { Side::Ask } else { Side::Bid }.outcome();
                self.paid_out += resolution.value(outcome).times(held.abs(), Rounding::Floor);
                self.floor.see(at, &Event::Settled { ticker: super::tests::TICKER, resolution });
            }
        }
    }

    /// A delta that leaves neither a negative level nor a crossed book.
    fn delta(&mut self, at: Timestamp, side: Side, level: Price, change: Quantity) {
        let book = &self.floor.catalogue.get(self.floor.market).book;
        let change = change.max(-book.size_at(side, level));
        let crosses =
            book.best(side.opposite()).is_some_and(|best| side.opposite().accepts(level, best.price));
        if change.is_negative() || (change.is_positive() && !crosses) {
            self.floor.delta(at, side, level, change);
        }
    }

    fn fills(&self) -> Vec<Fill> {
        self.floor.fills().into_iter().cloned().collect()
    }

    /// Signed cash of all fills with their fees, rebuilt from the fills alone; for runs without settlements.
    fn flows(&self) -> Money {
        let mut position = Quantity::ZERO;
        let mut flows = Money::ZERO;
        for fill in self.fills() {
            let signed = if fill.side == Side::Bid { fill.quantity } else { -fill.quantity };
            let after = position + signed;
            // A contract pair is worth a dollar: cash moves by the YES flow, and NO holdings tie up their dollar.
            let tied = |held: Quantity| Price::ONE.times((-held).max(Quantity::ZERO), Rounding::Floor);
            flows += tied(position) - tied(after) - fill.price.times(signed, Rounding::Floor) - fill.fee;
            position = after;
        }
        flows
    }
}

fn run(steps: &[(i64, Step)]) -> Run {
    let mut run = Run::new();
    let mut at = 1_000;
    for (pause, step) in steps {
        at += pause;
        run.step(ms(at), step);
    }
    run.floor.advance(ms(at) + LATENCY + LATENCY);
    run.floor.advance(ms(4_000_000));
    run
}

fn any_steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    prop::collection::vec((prop_oneof![Just(0), 1..60_i64, 100..300_i64], any_step()), 1..80)
}

fn without_settlements(steps: Vec<(i64, Step)>) -> Vec<(i64, Step)> {
    steps.into_iter().filter(|(_, step)| !matches!(step, Step::Settled(_))).collect()
}

proptest! {
    #[test]
    fn cash_moves_by_fills_and_fees_alone(steps in any_steps()) {
        let run = run(&without_settlements(steps));
        let held = run
            .fills()
            .iter()
            .map(|fill| if fill.side == Side::Bid { fill.quantity } else { -fill.quantity })
            .sum();
        prop_assert_eq!(run.floor.venue.position(run.floor.market), held);
        prop_assert_eq!(run.floor.venue.cash(), Money::from_dollars(1_000) + run.flows());
    }

    #[test]
    fn settlement_pays_what_is_held(steps in any_steps(), yes in any::<bool>()) {
        let mut run = run(&without_settlements(steps));
        let before = run.floor.venue.cash();
        let resolution = if yes { Resolution::Yes } else { Resolution::No };
        run.step(ms(4_000_001), &Step::Settled(resolution));
        prop_assert_eq!(run.floor.venue.cash(), before + run.paid_out);
        prop_assert_eq!(run.floor.venue.position(run.floor.market), Quantity::ZERO);
    }

    #[test]
    fn fills_respect_quantity_and_limit(steps in any_steps()) {
        let run = run(&steps);
        let mut filled: HashMap<OrderId, Quantity> = HashMap::new();
        for fill in run.fills() {
            let request = &run.requests[&fill.order];
            prop_assert!(fill.quantity.is_positive());
            prop_assert!(request.side.accepts(request.price, fill.price));
            prop_assert!(fill.is_taker || fill.price == request.price);
            prop_assert!(!(fill.is_taker && request.post_only));
            *filled.entry(fill.order).or_default() += fill.quantity;
        }
        for (order, quantity) in filled {
            prop_assert!(quantity <= run.requests[&order].quantity);
        }
    }

    #[test]
    fn every_order_gets_one_first_and_one_last_word(steps in any_steps()) {
        let run = run(&steps);
        for (order, request) in &run.requests {
            let mut filled = Quantity::ZERO;
            let (mut accepted, mut ended) = (0, 0);
            for update in &run.floor.told {
                match update {
                    OrderUpdate::Accepted { order: told } if told == order => accepted += 1,
                    OrderUpdate::Rejected { order: told, .. } if told == order => {
                        accepted += 1;
                        ended += 1;
                    }
                    OrderUpdate::Cancelled { order: told, .. } if told == order => ended += 1,
                    OrderUpdate::Filled(fill) if fill.order == *order => {
                        prop_assert_eq!((accepted, ended), (1, 0));
                        filled += fill.quantity;
                    }
                    _ => {}
                }
            }
            ended += i32::from(filled == request.quantity);
            prop_assert_eq!((accepted, ended), (1, 1), "{:?}", order);
        }
    }

    #[test]
    fn takers_never_get_more_than_is_displayed(
        orders in prop::collection::vec((50..56_i64, 1..30_i64, 0..100_i64), 1..30),
    ) {
        let mut run = Run::new();
        let mut at = 1_000;
        for (limit, count, pause) in orders {
            at += pause;
            let place = Step::Place {
                side: Side::Bid,
                cents: limit,
                count,
                immediate: true,
                post_only: false,
                lifetime: None,
            };
            run.step(ms(at), &place);
        }
        run.floor.advance(ms(at + 1_000));
        for (level, displayed) in [(52, 10), (53, 20)] {
            let taken: Quantity =
                run.fills().iter().filter(|fill| fill.price == cents(level)).map(|fill| fill.quantity).sum();
            prop_assert!(taken <= contracts(displayed));
        }
    }

    #[test]
    fn one_print_never_fills_more_than_its_size(
        orders in prop::collection::vec((45..51_i64, 1..30_i64), 1..8),
        prints in prop::collection::vec((44..51_i64, 1..60_i64), 1..12),
    ) {
        let mut run = Run::new();
        for (limit, count) in orders {
            let place = Step::Place {
                side: Side::Bid,
                cents: limit,
                count,
                immediate: false,
                post_only: true,
                lifetime: None,
            };
            run.step(ms(1_000), &place);
        }
        let mut at = 2_000;
        for (level, count) in prints {
            let before = run.floor.venue.position(run.floor.market);
            run.step(ms(at), &Step::Print { taker: Side::Ask, cents: level, count });
            prop_assert!(run.floor.venue.position(run.floor.market) - before <= contracts(count));
            at += 10;
        }
    }

    #[test]
    fn the_same_calls_give_the_same_answers(steps in any_steps()) {
        let (first, second) = (run(&steps), run(&steps));
        prop_assert_eq!(first.floor.told, second.floor.told);
        prop_assert_eq!(first.floor.venue.cash(), second.floor.venue.cash());
    }
}
