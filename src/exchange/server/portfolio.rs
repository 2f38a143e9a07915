//! What the account has (api section 6), and its orders as they are read (section 5).

use super::answer::{Answer, Problem, ok};
use super::floor::Floor;
use super::markets::Window;
use super::orders::{own_order, own_subaccount, subaccount};
use super::parameters::Parameters;
use super::{Venue, wire};
use crate::exchange::core::{FillView, OrderStatus, OrderView, PositionView, outcome_held};
use crate::kalshi::model::{
    Balance, Fills, OrderEnvelope, Orders, Positions, QueuePosition, QueuePositions, Settlements,
    ShardBalance,
};
use crate::market::Resolution;
use crate::units::{Money, Price, Quantity, Rounding};
use axum::extract::{Path, State};
use serde::Serialize;
use std::sync::Arc;

/// Most items a page.
const MOST: usize = 1_000;

/// `GET /portfolio/balance`.
pub(super) async fn balance(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    own_subaccount(subaccount(&parameters)?)?;
    let wanted = parameters.shard()?;
    let balance = venue.with(|floor, now| {
        let of_shard = |shard| wanted.is_none_or(|wanted| wanted == shard);
        let free = |shard, cash| cash - floor.exchange.reserved(floor.account, shard);
        let shards = floor.exchange.shards(floor.account).filter(|(shard, _)| of_shard(*shard));
        let breakdown: Vec<ShardBalance> = shards
            .map(|(shard, cash)| ShardBalance { exchange_index: shard, balance: free(shard, cash) })
            .collect();
        let cash: Money = breakdown.iter().map(|shard| shard.balance).sum();
        let positions = floor.exchange.positions(floor.account).filter(|position| of_shard(position.shard));
        let worth: Money = positions.map(|position| worth(floor, position)).sum();
        Balance {
            balance: wire::cents(cash.raw()),
            balance_dollars: cash,
            portfolio_value: wire::cents(worth.raw()),
            updated_ts: wire::seconds(now),
            balance_breakdown: breakdown,
        }
    });
    ok(&balance)
}

/// What a position would bring at its market's best bid for it, or what it is sure to pay.
fn worth(floor: &Floor, position: &PositionView) -> Money {
    let Some(view) = floor.exchange.market(&position.ticker).filter(|_| !position.is_settled) else {
        return Money::ZERO;
    };
    let outcome = outcome_held(position.quantity);
    let bid = || floor.exchange.book(&position.ticker)?.own_bid(outcome);
    let price = match view.resolution {
        Some(resolution) => Resolution::value(resolution, outcome),
        None => bid().map_or(Price::ZERO, |level| level.price),
    };
    price.times(position.quantity.abs(), Rounding::Floor)
}

/// `GET /portfolio/positions`.
pub(super) async fn positions(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    own_subaccount(subaccount(&parameters)?)?;
    let page = parameters.page("/portfolio/positions", 100, MOST)?;
    let (ticker, event) = (parameters.text("ticker"), parameters.text("event_ticker"));
    let shard = parameters.shard()?;
    let counts = parameters.list("count_filter").unwrap_or_default();
    if let Some(unknown) = counts.iter().find(|count| !["position", "total_traded"].contains(count)) {
        return Err(Problem::bad_request(format!("count_filter: {unknown:?} isn't known")));
    }
    let settled = match parameters.text("settlement_status") {
        None | Some("unsettled") => Some(false),
        Some("settled") => Some(true),
        Some("all") => None,
        Some(other) => return Err(Problem::bad_request(format!("settlement_status: {other:?} isn't known"))),
    };
    let keeps = |position: &PositionView| {
        ticker.is_none_or(|ticker| ticker == &*position.ticker)
            && event.is_none_or(|event| event == &*position.event)
            && shard.is_none_or(|shard| shard == position.shard)
            && settled.is_none_or(|settled| settled == position.is_settled)
            && counts.iter().all(|count| match *count {
                "position" => !position.quantity.is_zero(),
                _ => !position.traded.is_zero(),
            })
    };
    let (market_positions, event_positions, cursor) = venue.with(|floor, _| {
        let all: Vec<&PositionView> = floor.exchange.positions(floor.account).collect();
        let (page, cursor) = page.oldest_first(all.len(), |place| keeps(all[place]).then_some(all[place]));
        let markets = page.iter().map(|position| wire::market_position(position)).collect();
        (markets, wire::event_positions(page.into_iter()), cursor)
    });
    ok(&Positions { market_positions, event_positions, cursor })
}

/// `GET /portfolio/fills`, newest first.
pub(super) async fn fills(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    own_subaccount(subaccount(&parameters)?)?;
    let page = parameters.page("/portfolio/fills", 100, MOST)?;
    let (ticker, order) = (parameters.text("ticker"), parameters.text("order_id").map(wire::order_key));
    let shard = parameters.shard()?;
    let window = Window::read(&parameters, "min_ts", "max_ts")?;
    let keeps = |fill: &FillView| {
        ticker.is_none_or(|ticker| ticker == &*fill.ticker)
            && order.is_none_or(|order| order == Some(fill.order))
            && shard.is_none_or(|shard| shard == fill.shard)
            && window.contains(Some(fill.time))
    };
    let (fills, cursor) = venue.with(|floor, _| {
        let all = floor.exchange.fills(floor.account);
        page.newest_first(all.len(), |place| keeps(&all[place]).then(|| wire::fill(&all[place])))
    });
    ok(&Fills { fills, cursor })
}

/// `GET /portfolio/settlements`, newest first.
pub(super) async fn settlements(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    own_subaccount(subaccount(&parameters)?)?;
    let page = parameters.page("/portfolio/settlements", 100, MOST)?;
    let (ticker, event) = (parameters.text("ticker"), parameters.text("event_ticker"));
    let shard = parameters.shard()?;
    let window = Window::read(&parameters, "min_ts", "max_ts")?;
    let (settlements, cursor) = venue.with(|floor, _| {
        let all = floor.exchange.settlements(floor.account);
        page.newest_first(all.len(), |place| {
            let settlement = &all[place];
            let is_wanted = ticker.is_none_or(|ticker| ticker == &*settlement.ticker)
                && event.is_none_or(|event| event == &*settlement.event)
                && shard.is_none_or(|shard| shard == settlement.shard)
                && window.contains(Some(settlement.time));
            is_wanted.then(|| wire::settlement(settlement))
        })
    });
    ok(&Settlements { settlements, cursor })
}

/// `GET /portfolio/orders`, newest first.
pub(super) async fn orders(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    own_subaccount(subaccount(&parameters)?)?;
    let page = parameters.page("/portfolio/orders", 100, MOST)?;
    let (ticker, event) = (parameters.text("ticker"), parameters.text("event_ticker"));
    let shard = parameters.shard()?;
    let window = Window::read(&parameters, "min_ts", "max_ts")?;
    let status = parameters.text("status");
    if let Some(unknown) = status.filter(|status| !["resting", "canceled", "executed"].contains(status)) {
        return Err(Problem::bad_request(format!("status: {unknown:?} isn't known")));
    }
    let (orders, cursor) = venue.with(|floor, _| {
        let in_event = |order: &OrderView| {
            let of = floor.exchange.market(&order.request.ticker).map(|view| view.spec.event.as_str());
            event.is_none_or(|event| of == Some(event))
        };
        let all: Vec<&OrderView> = floor.exchange.orders(floor.account).collect();
        page.newest_first(all.len(), |place| {
            let order = all[place];
            let is_wanted = ticker.is_none_or(|ticker| ticker == order.request.ticker)
                && status.is_none_or(|status| status == word(order.status))
                && shard.is_none_or(|shard| shard == order.shard)
                && window.contains(Some(order.created))
                && in_event(order);
            is_wanted.then(|| wire::order(order))
        })
    });
    ok(&Orders { orders, cursor })
}

const fn word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Resting => "resting",
        OrderStatus::Cancelled(_) => "canceled",
        OrderStatus::Executed => "executed",
    }
}

/// `GET /portfolio/orders/{id}`.
pub(super) async fn order(State(venue): State<Arc<Venue>>, Path(id): Path<String>) -> Answer {
    let order = venue.with(|floor, _| own_order(floor, &id).map(wire::order))?;
    ok(&OrderEnvelope { order })
}

/// `GET /portfolio/orders/queue_positions`.
pub(super) async fn queue_positions(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    own_subaccount(subaccount(&parameters)?)?;
    let (tickers, event) = (parameters.list("market_tickers"), parameters.text("event_ticker"));
    if tickers.is_none() && event.is_none() {
        return Err(Problem::bad_request("market_tickers or event_ticker has to be given"));
    }
    let queue_positions = venue.with(|floor, _| {
        let is_wanted = |order: &&OrderView| {
            let ticker = order.request.ticker.as_str();
            tickers.as_ref().is_none_or(|tickers| tickers.contains(&ticker))
                && event.is_none_or(|event| {
                    floor.exchange.market(ticker).is_some_and(|view| view.spec.event == event)
                })
        };
        let orders = floor.exchange.orders(floor.account).filter(is_wanted);
        let ahead = orders.filter_map(|order| Some((order, floor.exchange.queue_ahead(order.key)?)));
        ahead
            .map(|(order, ahead)| QueuePosition {
                order_id: wire::order_id(order.key),
                market_ticker: order.request.ticker.clone(),
                queue_position_fp: ahead,
            })
            .collect()
    });
    ok(&QueuePositions { queue_positions })
}

/// One order's place.
#[derive(Serialize)]
struct OneQueuePosition {
    queue_position_fp: Quantity,
}

/// `GET /portfolio/orders/{id}/queue_position`.
pub(super) async fn queue_position(State(venue): State<Arc<Venue>>, Path(id): Path<String>) -> Answer {
    let ahead = venue.with(|floor, _| {
        let key = own_order(floor, &id)?.key;
        floor.exchange.queue_ahead(key).ok_or_else(Problem::not_found)
    })?;
    ok(&OneQueuePosition { queue_position_fp: ahead })
}

/// What the account's resting orders reserve.
#[derive(Serialize)]
struct RestingValue {
    total_resting_order_value: i64,
    resting_order_value_breakdown: Vec<ShardBalance>,
}

/// `GET /portfolio/summary/total_resting_order_value`.
pub(super) async fn resting_value(State(venue): State<Arc<Venue>>) -> Answer {
    let breakdown: Vec<ShardBalance> = venue.with(|floor, _| {
        let reserved = |shard| floor.exchange.reserved(floor.account, shard);
        let shards = floor.exchange.shards(floor.account);
        shards.map(|(shard, _)| ShardBalance { exchange_index: shard, balance: reserved(shard) }).collect()
    });
    let total: Money = breakdown.iter().map(|shard| shard.balance).sum();
    ok(&RestingValue {
        total_resting_order_value: wire::cents(total.raw()),
        resting_order_value_breakdown: breakdown,
    })
}
