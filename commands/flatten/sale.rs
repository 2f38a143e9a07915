//! What selling one position would take and bring, before it is done.

use crate::figures::contracts;
use crate::holdings::Holding;
use crate::listing::{Column, Figure};
use kalshi_bot::fees::FeeSchedule;
use kalshi_bot::kalshi::model::MarketStatus;
use kalshi_bot::market::PriceGrid;
use kalshi_bot::market::grid::TickRange;
use kalshi_bot::units::{Money, Price, Quantity, Rounding};

/// The sale of one position. Prices are the outcome's own.
#[derive(Debug, Clone)]
pub(crate) struct Sale {
    /// What is sold.
    pub(crate) holding: Holding,
    /// How it would go, or why it can't.
    pub(crate) terms: Result<Terms, String>,
    /// What became of its order, once there was one.
    pub(crate) attempt: Option<Attempt>,
    /// Contracts sold.
    pub(crate) sold: Quantity,
    /// Contracts left; what is held until something was sold.
    pub(crate) left: Quantity,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It took what it could.
    Taken,
    /// The exchange refused it.
    Refused(String),
    /// Its answer is lost: it may have been carried out.
    Unknown(String),
}

/// How a sale would go on the book as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Best bid.
    pub(crate) mark: Price,
    /// Least price taken.
    pub(crate) limit: Price,
    /// Contracts that stand at the limit or above.
    pub(crate) fillable: Quantity,
    /// What they bring.
    pub(crate) proceeds: Money,
    /// Most that they cost in fees.
    pub(crate) fees: Money,
}

impl Terms {
    /// What is lost against selling as much at the best bid for nothing.
    pub(crate) fn against_mark(&self) -> Money {
        self.proceeds - self.fees - self.mark.times(self.fillable, Rounding::Floor)
    }
}

/// The columns of a plan.
pub(crate) const COLUMNS: &[Column<Sale>] = &[
    Column::new("market", "Market", |sale| Figure::Name(sale.holding.position.ticker.clone())),
    Column::new("outcome", "Sell", |sale| Figure::Text(sale.holding.outcome().as_str().to_owned())),
    Column::new("quantity", "Contracts", |sale| Figure::Contracts(sale.holding.quantity())),
    Column::new("mark", "Bid", |sale| sale.figure(|terms| Figure::Price(terms.mark))),
    Column::new("limit", "Limit", |sale| sale.figure(|terms| Figure::Price(terms.limit))),
    Column::new("fillable", "There", |sale| sale.figure(|terms| Figure::Contracts(terms.fillable))),
    Column::new("proceeds", "Brings", |sale| sale.figure(|terms| Figure::Dollars(terms.proceeds))),
    Column::new("fees", "Fees", |sale| sale.figure(|terms| Figure::Dollars(terms.fees))),
    Column::new("against_mark", "vs bid", |sale| sale.figure(|terms| Figure::Profit(terms.against_mark()))),
    Column::new("remark", "Remark", |sale| Figure::Text(sale.remark())),
    Column::unseen("sold", |sale| Figure::Contracts(sale.sold)),
    Column::unseen("left", |sale| Figure::Contracts(sale.left)),
    Column::unseen("shard", |sale| Figure::Count(u64::from(sale.holding.position.exchange_index))),
];

impl Sale {
    /// The sale of a holding that goes no further than `slippage` below the best bid. `fees` are its market's, where
    /// they are known; it is sold without them too, only reckoned at the dearest.
    pub(crate) fn plan(holding: Holding, slippage: Price, fees: FeeSchedule) -> Self {
        let terms = terms(&holding, slippage, fees);
        let left = holding.quantity();
        Self { holding, terms, attempt: None, sold: Quantity::ZERO, left }
    }

    fn figure(&self, known: impl FnOnce(&Terms) -> Figure) -> Figure {
        self.terms.as_ref().map_or(Figure::Nothing, known)
    }

    /// Whether it may have been carried out without a word of it.
    pub(crate) const fn is_doubtful(&self) -> bool {
        matches!(self.attempt, Some(Attempt::Unknown(_)))
    }

    /// What a person should know of it.
    pub(crate) fn remark(&self) -> String {
        match (&self.attempt, &self.terms) {
            (Some(Attempt::Taken), _) => format!("sold {}", contracts(self.sold)),
            (Some(Attempt::Refused(cause)), _) => cause.clone(),
            (Some(Attempt::Unknown(cause)), _) => format!("not known: {cause}"),
            (None, Err(obstacle)) => obstacle.clone(),
            (None, Ok(terms)) if terms.fillable < self.holding.quantity() => "a part will be left".to_owned(),
            (None, Ok(_)) => String::new(),
        }
    }
}

fn terms(holding: &Holding, slippage: Price, fees: FeeSchedule) -> Result<Terms, String> {
    let market = holding.market.as_ref().ok_or("the exchange doesn't describe the market")?;
    match market.status {
        MarketStatus::Active => {}
        MarketStatus::Inactive | MarketStatus::Unknown => return Err("the market is paused".to_owned()),
        MarketStatus::Initialized => return Err("the market isn't open yet".to_owned()),
        _ => return Err("the market has closed; it pays out by itself".to_owned()),
    }
    let ranges = market.price_ranges.iter();
    let ranges = ranges.map(|range| TickRange { start: range.start, end: range.end, step: range.step });
    let grid = PriceGrid::new(ranges.collect()).map_err(|error| error.to_string())?;
    let mark = holding.mark().ok_or("nobody bids")?;
    // Never free of charge: the lowest price that an order may name is above zero.
    let lowest = Price::from_raw(1);
    let limit = grid.own_ceil(holding.outcome(), (mark - slippage).max(lowest)).min(mark);
    let mut terms = Terms { mark, limit, fillable: Quantity::ZERO, proceeds: Money::ZERO, fees: Money::ZERO };
    for level in holding.bids().take_while(|level| level.price >= limit) {
        let quantity = level.size.min(holding.quantity() - terms.fillable);
        if !quantity.is_positive() {
            break;
        }
        terms.fillable += quantity;
        terms.proceeds += level.price.times(quantity, Rounding::Floor);
        terms.fees += fees.estimate(level.price, quantity, true);
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holdings::samples::{holding, market};
    use crate::listing::List;
    use kalshi_bot::fees::FeeKind;

    const FEES: FeeSchedule = FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 };

    fn plan(holding: Holding, slippage: i64) -> Sale {
        Sale::plan(holding, Price::from_raw(slippage), FEES)
    }

    #[test]
    fn a_sale_takes_what_stands_down_to_its_limit() {
        let near = plan(holding("KXRAIN-26NOV22-NYC", "12.50", "10.8750"), 50_000).terms.expect("sellable");
        assert_eq!((near.mark, near.limit), (Price::from_raw(880_000), Price::from_raw(830_000)));
        assert_eq!(
            (near.fillable, near.proceeds),
            (Quantity::from_contracts(10), Money::from_raw(8_800_000))
        );
        assert_eq!(near.against_mark(), -near.fees);
        let far = plan(holding("KXRAIN-26NOV22-NYC", "12.50", "10.8750"), 900_000).terms.expect("sellable");
        assert_eq!((far.limit, far.fillable), (Price::from_raw(10_000), Quantity::from_raw(1_250)));
        assert_eq!(far.proceeds, Money::from_raw(10_800_000));
        assert_eq!(far.against_mark() + far.fees, Money::from_raw(-200_000));
    }

    #[test]
    fn a_position_of_no_is_sold_at_its_own_prices() {
        let sale = plan(holding("KXRAIN-26NOV22-NYC", "-20.00", "2.4000"), 20_000).terms.expect("sellable");
        assert_eq!((sale.mark, sale.limit), (Price::from_raw(110_000), Price::from_raw(90_000)));
        assert_eq!(sale.fillable, Quantity::from_contracts(20));
    }

    #[test]
    fn what_cannot_be_sold_says_why() {
        let mut closed = holding("KXRAIN-26NOV22-NYC", "5.00", "4.0000");
        closed.market = Some(market("KXRAIN-26NOV22-NYC", "closed"));
        let mut unwanted = holding("KXRAIN-26NOV22-SF", "5.00", "4.0000");
        unwanted.book = kalshi_bot::market::Book::default();
        let sales = [holding("KXRAIN-26NOV22-LA", "12.50", "10.8750"), closed, unwanted]
            .map(|holding| plan(holding, 50_000));
        insta::assert_snapshot!(List { columns: COLUMNS, rows: &sales }.table(110));
    }
}
