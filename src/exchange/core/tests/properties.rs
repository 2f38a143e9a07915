//! Whatever accounts, public and operators do, in whatever order: the book and the ledgers add up after every step.

use super::*;
use crate::fees::OrderFees;
use crate::market::Resolution;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
    Place { account: u32, order: Draft },
    Cancel { pick: usize },
    CancelAll { account: u32 },
    Amend { pick: usize, cents: i64, centis: i64 },
    Decrease { pick: usize, centis: i64 },
    Delta { side: Side, cents: i64, count: i64 },
    Print { taker: Side, cents: i64, count: i64 },
    Trade { taker: Side, cents: i64, count: i64, delta_first: bool },
    Snapshot { middle: i64, size: i64 },
    Pause { trading: bool, exchange: bool },
    Status { active: bool },
    ResetGroup { account: u32 },
    Wait { millis: i64 },
    Settle { yes: bool },
}

#[derive(Debug, Clone)]
struct Draft {
    side: Side,
    cents: i64,
    centis: i64,
    kind: u8,
    maker_gives_way: bool,
    cancel_on_pause: bool,
    grouped: bool,
    lifetime: Option<i64>,
}

fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Bid), Just(Side::Ask)]
}

fn any_draft() -> impl Strategy<Value = Draft> {
    let size = prop_oneof![1..50_i64, (1..30_i64).prop_map(|count| count * 100), Just(60_000)];
    let flags =
        (any::<bool>(), any::<bool>(), prop::bool::weighted(0.3), prop::option::weighted(0.3, 1..3_000_i64));
    (any_side(), 44..57_i64, size, 0..8_u8, flags).prop_map(
        |(side, cents, centis, kind, (maker_gives_way, cancel_on_pause, grouped, lifetime))| Draft {
            side,
            cents,
            centis,
            kind,
            maker_gives_way,
            cancel_on_pause,
            grouped,
            lifetime,
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let amounts = || (any_side(), 44..57_i64, 1..40_i64);
    let changes = (any_side(), 44..57_i64, -40..40_i64);
    prop_oneof![
        200 => (0..2_u32, any_draft()).prop_map(|(account, order)| Step::Place { account, order }),
        20 => (0..40_usize).prop_map(|pick| Step::Cancel { pick }),
        4 => (0..2_u32).prop_map(|account| Step::CancelAll { account }),
        50 => (0..40_usize, 44..57_i64, 1..3_000_i64)
            .prop_map(|(pick, cents, centis)| Step::Amend { pick, cents, centis }),
        20 => (0..40_usize, 1..1_500_i64).prop_map(|(pick, centis)| Step::Decrease { pick, centis }),
        60 => changes.prop_map(|(side, cents, count)| Step::Delta { side, cents, count }),
        30 => amounts().prop_map(|(taker, cents, count)| Step::Print { taker, cents, count }),
        40 => (amounts(), any::<bool>()).prop_map(|((taker, cents, count), delta_first)| {
            Step::Trade { taker, cents, count, delta_first }
        }),
        6 => (46..55_i64, 1..40_i64).prop_map(|(middle, size)| Step::Snapshot { middle, size }),
        6 => (prop::bool::weighted(0.3), prop::bool::weighted(0.1))
            .prop_map(|(trading, exchange)| Step::Pause { trading, exchange }),
        6 => prop::bool::weighted(0.7).prop_map(|active| Step::Status { active }),
        10 => (0..2_u32).prop_map(|account| Step::ResetGroup { account }),
        30 => prop_oneof![1..200_i64, 1_000..20_000_i64].prop_map(|millis| Step::Wait { millis }),
        2 => any::<bool>().prop_map(|yes| Step::Settle { yes }),
    ]
}

fn cents(cents: i64) -> Price {
    Price::from_raw(cents * 10_000)
}

/// A house that is looked over after each step.
struct Watched {
    house: House,
    groups: [GroupKey; 2],
    /// The book as the happenings tell it, and each account's part of it.
    told: BTreeMap<(Side, Price), Quantity>,
    owned: BTreeMap<(AccountId, Side, Price), Quantity>,
    /// Positions as fills tell them.
    held: BTreeMap<AccountId, Quantity>,
}

impl Watched {
    fn new() -> Self {
        let mut house = House::open();
        let group = |house: &mut House, account| {
            house.exchange.create_group(ms(0), account, 0, contracts(40)).unwrap()
        };
        let groups = [group(&mut house, AccountId(0)), group(&mut house, AccountId(1))];
        Self { house, groups, told: BTreeMap::new(), owned: BTreeMap::new(), held: BTreeMap::new() }
    }

    fn order(&self, pick: usize) -> Option<OrderView> {
        let resting: Vec<OrderKey> = self.house.exchange.resting.iter().copied().collect();
        let key = *resting.get(pick % resting.len().max(1))?;
        Some(self.house.view(key).clone())
    }

    fn step(&mut self, step: &Step) {
        let now = self.house.now;
        match *step {
            Step::Place { account, ref order } => {
                let request = self.request(account, order);
                self.place(AccountId(account), &request);
            }
            Step::Cancel { pick } => {
                if let Some(view) = self.order(pick) {
                    let answer = self.house.exchange.cancel(now, view.account, view.key);
                    assert!(answer.is_err() || answer == Ok(view.remaining));
                }
            }
            Step::CancelAll { account } => {
                self.house.exchange.cancel_all(now, AccountId(account));
            }
            Step::Amend { pick, cents: at, centis } => {
                if let Some(view) = self.order(pick) {
                    let quantity = Quantity::from_raw(centis);
                    let change = Amendment { price: cents(at), quantity, ..amendment(&view.request) };
                    let _ = self.house.exchange.amend(now, view.account, view.key, change);
                }
            }
            Step::Decrease { pick, centis } => {
                if let Some(view) = self.order(pick) {
                    let by = Reduction::By(Quantity::from_raw(centis));
                    let _ = self.house.exchange.decrease(now, view.account, view.key, by);
                }
            }
            Step::ResetGroup { account } => {
                let group = self.groups[account as usize];
                self.house.exchange.reset_group(now, AccountId(account), group).unwrap();
            }
            Step::Pause { trading, exchange } => self.house.exchange.pause(now, None, trading, exchange),
            Step::Wait { millis } => self.house.wait(Duration::from_millis(millis.unsigned_abs())),
            _ => self.public_step(step),
        }
    }

    fn public_step(&mut self, step: &Step) {
        let house = &mut self.house;
        let text = |at: i64| cents(at).to_string();
        match *step {
            Step::Delta { side, cents: at, count } => house.delta(side, &text(at), count),
            Step::Print { taker, cents: at, count } => house.print(taker, &text(at), count),
            Step::Trade { taker, cents: at, count, delta_first } => {
                if delta_first {
                    house.delta(taker.opposite(), &text(at), -count);
                }
                house.print(taker, &text(at), count);
                if !delta_first {
                    house.delta(taker.opposite(), &text(at), -count);
                }
            }
            Step::Snapshot { middle, size } => {
                let (bid, low) = (text(middle - 1), text(middle - 2));
                let (ask, high) = (text(middle), text(middle + 2));
                house.snapshot(&[(&bid, size), (&low, 2 * size)], &[(&ask, size), (&high, 9)]);
            }
            Step::Status { active } => {
                let status = if active { MarketStatus::Active } else { MarketStatus::Inactive };
                house.follow(&Event::Status { ticker: TICKER, status });
            }
            Step::Settle { yes } => {
                let resolution = if yes { Resolution::Yes } else { Resolution::Scalar(price("0.2575")) };
                house.follow(&Event::Settled { ticker: TICKER, resolution });
            }
            _ => {}
        }
    }

    fn request(&self, account: u32, draft: &Draft) -> NewOrder {
        let expires =
            draft.lifetime.map(|millis| self.house.now + Duration::from_millis(millis.unsigned_abs()));
        let standing = match draft.kind {
            0 | 1 => Standing::ImmediateOrCancel,
            2 => Standing::FillOrKill,
            _ => Standing::GoodTillCancelled { expires },
        };
        NewOrder {
            price: cents(draft.cents),
            quantity: Quantity::from_raw(draft.centis),
            standing,
            self_trade: if draft.maker_gives_way { SelfTrade::Maker } else { SelfTrade::TakerAtCross },
            post_only: draft.kind == 3,
            reduce_only: draft.kind == 1,
            cancel_on_pause: draft.cancel_on_pause,
            group: draft.grouped.then_some(self.groups[account as usize]),
            ..order(draft.side, "0.50", 1)
        }
    }

    /// A refusal changes nothing, and what is answered is what came of it.
    fn place(&mut self, account: AccountId, request: &NewOrder) {
        self.house.exchange.advance(self.house.now);
        self.look();
        match self.house.try_place(account, request.clone()) {
            Err(_) => assert!(self.house.news().is_empty(), "a refusal changed something"),
            Ok(placed) => {
                let view = self.house.view(placed.order);
                assert_eq!((view.filled, view.remaining), (placed.filled, placed.remaining));
                assert!(!(request.post_only && placed.filled.is_positive()));
                let all_or_nothing = placed.filled == request.quantity;
                assert!(request.standing != Standing::FillOrKill || all_or_nothing);
            }
        }
    }

    /// Takes in the news and checks that everything adds up.
    fn look(&mut self) {
        for news in self.house.news() {
            match news {
                Happening::Book { side, price, change, owner, .. } => {
                    add(&mut self.told, (side, price), change);
                    if let Some((account, _)) = owner {
                        add(&mut self.owned, (account, side, price), change);
                    }
                }
                Happening::Fill(fill) => {
                    let held = self.held.entry(fill.account).or_default();
                    *held += if fill.side == Side::Bid { fill.quantity } else { -fill.quantity };
                    assert_eq!(*held, fill.position_after);
                }
                Happening::Settled { .. } => self.held.clear(),
                _ => {}
            }
        }
        self.check_book();
        for account in [self.house.ann, self.house.bob] {
            self.check_account(account);
        }
        for view in
            self.house.exchange.orders(self.house.ann).chain(self.house.exchange.orders(self.house.bob))
        {
            self.check_order(view);
        }
    }

    fn check_book(&self) {
        let book = self.house.exchange.book(TICKER).unwrap();
        book.check_crossed().unwrap();
        let sides = [Side::Bid, Side::Ask];
        let shown: BTreeMap<(Side, Price), Quantity> = sides
            .into_iter()
            .flat_map(|side| book.levels(side).map(move |level| ((side, level.price), level.size)))
            .collect();
        assert_eq!(shown, self.told, "the book replayed from its happenings");
        let mut resting = BTreeMap::new();
        for key in &self.house.exchange.resting {
            let view = self.house.view(*key);
            add(&mut resting, (view.account, view.request.side, view.request.price), view.remaining);
            assert!(self.house.exchange.queue_ahead(*key).is_some());
        }
        assert_eq!(resting, self.owned, "accounts' part of the book");
        for ((_, side, at), size) in resting {
            assert!(size <= book.size_at(side, at));
        }
    }

    /// Cash is what all fills, fees and payouts leave of the start.
    fn check_account(&self, account: AccountId) {
        let exchange = &self.house.exchange;
        let (mut cash, mut held) = (Money::from_dollars(1_000), Quantity::ZERO);
        let tied = |held: Quantity| Price::ONE.times((-held).max(Quantity::ZERO), Rounding::Floor);
        for fill in exchange.fills(account) {
            let change = if fill.side == Side::Bid { fill.quantity } else { -fill.quantity };
            cash += tied(held) - tied(held + change) - fill.price.times(change, Rounding::Floor) - fill.fee;
            held += change;
        }
        for settlement in exchange.settlements(account) {
            assert_eq!(settlement.quantity, held);
            cash += settlement.payout;
            held = Quantity::ZERO;
        }
        assert_eq!(exchange.cash(account, 0), cash);
        assert_eq!(self.house.held(account), held);
        assert_eq!(self.held.get(&account).copied().unwrap_or_default(), held);
        assert!(!self.house.free(account).is_negative(), "free: {}", self.house.free(account));
        for position in exchange.positions(account) {
            let spent = Money::from_dollars(1_000) - cash;
            assert_eq!(position.cost + position.fees - position.realised, spent);
            assert!(!position.cost.is_negative());
        }
    }

    /// No fill beyond limit or size, and fees to the last digit.
    fn check_order(&self, view: &OrderView) {
        let mut fees = OrderFees::new(BalancePrecision::Direct);
        let (mut filled, mut charged) = (Quantity::ZERO, Money::ZERO);
        let mut held = Quantity::ZERO;
        for fill in self.house.exchange.fills(view.account) {
            let change = if fill.side == Side::Bid { fill.quantity } else { -fill.quantity };
            let before = held;
            held += change;
            if fill.order != view.key {
                continue;
            }
            let closing = if before.is_negative() == change.is_negative() {
                Quantity::ZERO
            } else {
                before.abs().min(fill.quantity)
            };
            let own = view.request.side.outcome().yes_price(fill.price);
            let revenue = own.complement().times(closing, Rounding::Floor)
                - own.times(fill.quantity - closing, Rounding::Floor);
            let fee = fees.charge(spec().fees, fill.price, fill.quantity, fill.is_taker, revenue);
            assert_eq!(fill.fee, fee);
            filled += fill.quantity;
            charged += fee;
        }
        assert_eq!(view.filled, filled);
        assert_eq!(view.taker_fees + view.maker_fees, charged);
        assert!(filled + view.remaining <= view.request.quantity);
        match view.status {
            OrderStatus::Resting => assert_eq!(filled + view.remaining, view.request.quantity),
            OrderStatus::Executed => assert_eq!(filled, view.request.quantity),
            OrderStatus::Cancelled(_) => assert!(view.remaining.is_zero()),
        }
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, Quantity>, key: K, change: Quantity) {
    let sum = sums.remove(&key).unwrap_or_default() + change;
    assert!(!sum.is_negative());
    if sum.is_positive() {
        sums.insert(key, sum);
    }
}

fn run(steps: &[Step]) -> Watched {
    let mut watched = Watched::new();
    watched.look();
    for step in steps {
        watched.step(step);
        watched.look();
    }
    watched.house.wait(Duration::from_hours(2));
    watched.look();
    watched
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any_step(), 1..120)
}

/// Fills beyond an order's limit would be told here: the limit of the moment is that of the order's last news.
fn check_limits(told: &[Happening]) {
    let mut limits: BTreeMap<OrderKey, (Side, Price)> = BTreeMap::new();
    for happening in told {
        match happening {
            Happening::Order(view) => {
                limits.insert(view.key, (view.request.side, view.request.price));
            }
            Happening::Fill(fill) if !fill.is_taker => {
                let (side, limit) = limits[&fill.order];
                assert_eq!((side, limit), (fill.side, fill.price), "a resting order fills at its price");
            }
            _ => {}
        }
    }
    let mut last: BTreeMap<OrderKey, &OrderView> = BTreeMap::new();
    for happening in told.iter().rev() {
        match happening {
            Happening::Order(view) => {
                last.insert(view.key, view);
            }
            Happening::Fill(fill) if fill.is_taker => {
                let request = &last[&fill.order].request;
                assert!(request.side.accepts(request.price, fill.price), "a taker beyond its limit");
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn everything_adds_up_after_every_step(steps in any_steps()) {
        let watched = run(&steps);
        check_limits(&watched.house.told);
        prop_assert!(watched.house.exchange.resting.is_empty(), "the close takes everything off");
    }

    #[test]
    fn what_two_accounts_trade_alone_moves_between_them(
        orders in prop::collection::vec((0..2_u32, any_draft()), 1..60),
    ) {
        let mut house = House::empty();
        for (account, draft) in orders {
            let standing = Standing::GoodTillCancelled { expires: None };
            let quantity = Quantity::from_raw(draft.centis);
            let request = NewOrder { price: cents(draft.cents), quantity, standing, ..order(draft.side, "0.50", 1) };
            let _ = house.try_place(AccountId(account), request);
            prop_assert_eq!(house.held(house.ann) + house.held(house.bob), Quantity::ZERO);
        }
        let fees: Money = [house.ann, house.bob]
            .iter()
            .flat_map(|id| house.exchange.fills(*id))
            .map(|fill| fill.fee)
            .sum();
        let cash = house.exchange.cash(house.ann, 0) + house.exchange.cash(house.bob, 0);
        let pairs = Price::ONE.times(house.held(house.ann).abs(), Rounding::Floor);
        prop_assert_eq!(cash + fees + pairs, Money::from_dollars(2_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_same_calls_give_the_same_happenings(steps in any_steps()) {
        prop_assert_eq!(run(&steps).house.told, run(&steps).house.told);
    }
}
