use super::*;
use crate::fees::FeeSchedule;
use crate::market::{Catalogue, Level, MarketSpec, PriceGrid};

const NOW: Timestamp = Timestamp::from_secs(1_795_000_000);

fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

fn level(at: &str, size: &str) -> Level {
    Level { price: price(at), size: size.parse().expect("a quantity") }
}

fn owners_filter() -> Filter {
    Filter {
        categories: Vec::new(),
        min_volume: Quantity::from_contracts(10_000),
        min_liquidity: Money::from_dollars(500),
        liquidity_reach: price("0.05"),
        max_spread: price("0.02"),
        min_time_to_close: Duration::from_hours(1),
        max_time_to_close: Duration::from_hours(24),
    }
}

fn market() -> Market {
    let mut catalogue = Catalogue::default();
    let id = catalogue.list(MarketSpec {
        ticker: "KXDEMO-1-A".into(),
        event: "KXDEMO-1".into(),
        series: "KXDEMO".into(),
        category: "Climate and Weather".into(),
        title: "Demo".into(),
        open: NOW - Duration::from_hours(5),
        close: NOW + Duration::from_hours(3),
        grid: PriceGrid::cents(),
        fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
        status: MarketStatus::Active,
        volume: Quantity::from_contracts(10_000),
        shard: 0,
    });
    let market = catalogue.get_mut(id);
    market.book.replace(&[level("0.88", "600")], &[level("0.90", "600")]).expect("a sound book");
    market.clone()
}

/// Changes one thing about a market that passes.
fn refused(change: impl FnOnce(&mut Market, &mut Filter)) -> Result<(), FilterReason> {
    let (mut market, mut filter) = (market(), owners_filter());
    change(&mut market, &mut filter);
    filter.check(&market, NOW)
}

#[test]
fn a_sound_market_passes_at_every_bound() {
    assert_eq!(refused(|_, _| {}), Ok(()));
    assert_eq!(refused(|m, _| m.spec.close = NOW + Duration::from_hours(1)), Ok(()));
    assert_eq!(refused(|m, _| m.spec.close = NOW + Duration::from_hours(24)), Ok(()));
    assert_eq!(refused(|_, f| f.categories = vec!["climate AND weather".into()]), Ok(()));
}

#[test]
fn each_rule_refuses_with_its_own_reason() {
    let hour = Duration::from_hours(1);
    let second = Duration::from_secs(1);
    assert_eq!(refused(|_, f| f.categories = vec!["Sports".into()]), Err(FilterReason::Category));
    assert_eq!(refused(|m, _| m.spec.status = MarketStatus::Inactive), Err(FilterReason::NotOpen));
    assert_eq!(refused(|m, _| m.spec.open = NOW + second), Err(FilterReason::NotOpen));
    assert_eq!(refused(|m, _| m.spec.close = NOW), Err(FilterReason::NotOpen));
    assert_eq!(refused(|m, _| m.spec.close = NOW + hour - second), Err(FilterReason::ClosesTooSoon));
    assert_eq!(refused(|m, _| m.spec.close = NOW + 24 * hour + second), Err(FilterReason::ClosesTooLate));
    assert_eq!(refused(|m, _| m.spec.fees.kind = FeeKind::Unknown), Err(FilterReason::FeeUnknown));
    assert_eq!(refused(|m, _| m.spec.volume -= Quantity::from_raw(1)), Err(FilterReason::Volume));
    assert_eq!(refused(|m, _| m.book.suspect()), Err(FilterReason::BookNotReady));
}

#[test]
fn books_without_a_price_are_no_opportunity() {
    let set =
        |bids: &[Level], asks: &[Level]| refused(|m, _| m.book.replace(bids, asks).expect("a sound book"));
    assert_eq!(set(&[], &[level("0.90", "600")]), Err(FilterReason::OneSided));
    assert_eq!(set(&[level("0.01", "9999")], &[level("0.99", "9999")]), Err(FilterReason::AtBounds));
    assert_eq!(set(&[level("0.87", "600")], &[level("0.90", "600")]), Err(FilterReason::Spread));
    assert_eq!(set(&[level("0.88", "500")], &[level("0.90", "500")]), Err(FilterReason::Liquidity));
    // 540 contracts at 0.88 and as many NO at 0.10 are 529.20 dollars.
    assert_eq!(set(&[level("0.88", "540")], &[level("0.90", "540")]), Ok(()));
}

#[test]
fn only_dollars_near_the_touch_are_liquidity() {
    let far = refused(|m, _| {
        m.book
            .replace(&[level("0.88", "100"), level("0.82", "9000")], &[level("0.90", "100")])
            .expect("a sound book");
    });
    assert_eq!(far, Err(FilterReason::Liquidity));
}

#[test]
fn codes_are_distinct() {
    let mut codes: Vec<_> = FilterReason::ALL.iter().map(|reason| reason.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), FilterReason::ALL.len());
}
