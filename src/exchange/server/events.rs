//! Events, series and the exchange as a whole (api sections 4 and 8).

use super::answer::{Answer, Problem, ok};
use super::floor::{EventEntry, Floor, SeriesEntry};
use super::limits;
use super::markets;
use super::parameters::Parameters;
use super::quiet;
use super::{Venue, wire};
use crate::kalshi::model::{
    DailyHours, Event, EventEnvelope, EventFeeChanges, Events, ExchangeStatus, HistoricalCutoff,
    MaintenanceWindow, Market, Schedule, ScheduleEnvelope, Series, SeriesEnvelope, SeriesFeeChanges,
    SeriesList, ShardStatus, UserDataTimestamp, WeeklySchedule,
};
use crate::units::{Ratio, Timestamp};
use axum::extract::{Path, State};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// `GET /events`.
pub(super) async fn list(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    let page = parameters.page("/events", 200, 200)?;
    let series = parameters.text("series_ticker");
    let tickers = parameters.list("tickers");
    let status = parameters.text("status");
    let with_markets = parameters.flag("with_nested_markets");
    let min_close = parameters.number("min_close_ts")?;
    let timer = venue.settlement_timer;
    let (events, cursor) = venue.with(|floor, _| {
        let quiet = floor.quiet.event_count() as usize;
        page.newest_first(quiet + floor.directory.events.len(), |place| {
            let event = Named::at(floor, place, quiet)?;
            if series.is_some_and(|series| series != event.series)
                || tickers.as_ref().is_some_and(|tickers| !tickers.contains(&event.ticker.as_str()))
            {
                return None;
            }
            let markets = event.markets(floor, timer);
            let is_wanted = |market: &Market| {
                status.is_none_or(|status| filter_word(market) == status)
                    && min_close.is_none_or(|least| wire::seconds(market.close_time) >= least)
            };
            markets.iter().any(is_wanted).then(|| event.told(floor, markets, with_markets))
        })
    });
    ok(&Events { events, cursor })
}

/// `GET /events/{event}`: its markets lie inside it where that was asked for, and beside it otherwise.
pub(super) async fn one(
    State(venue): State<Arc<Venue>>,
    Path(ticker): Path<String>,
    parameters: Parameters,
) -> Answer {
    let nested = parameters.flag("with_nested_markets");
    let told = venue.with(|floor, _| {
        let event = Named::find(floor, &ticker)?;
        let markets = event.markets(floor, venue.settlement_timer);
        let beside = if nested { Vec::new() } else { markets.clone() };
        Some(EventEnvelope { event: event.told(floor, markets, nested), markets: beside })
    });
    ok(&told.ok_or_else(Problem::not_found)?)
}

/// The word that a market is found under.
fn filter_word(market: &Market) -> &'static str {
    use crate::kalshi::model::MarketStatus as S;
    match market.status {
        S::Initialized => "unopened",
        S::Active => "open",
        S::Inactive => "paused",
        S::Closed | S::Determined | S::Disputed | S::Amended | S::Unknown => "closed",
        S::Finalized => "settled",
    }
}

/// An event of either kind.
struct Named {
    ticker: String,
    series: String,
    tickers: Vec<String>,
}

impl Named {
    fn at(floor: &Floor, place: usize, quiet: usize) -> Option<Self> {
        match place.checked_sub(quiet) {
            Some(place) => Some(Self::from(floor.directory.events.get(place)?)),
            None => Some(Self::quiet(floor, u32::try_from(place).ok()?)),
        }
    }

    fn find(floor: &Floor, ticker: &str) -> Option<Self> {
        let known = floor.directory.event(ticker).map(Self::from);
        known.or_else(|| floor.quiet.find_event(ticker).map(|number| Self::quiet(floor, number)))
    }

    fn quiet(floor: &Floor, event: u32) -> Self {
        let numbers = floor.quiet.of_event(event);
        let (ticker, series) = quiet::names(numbers.start);
        let tickers = numbers.map(quiet::ticker).collect();
        Self { ticker, series: series.to_owned(), tickers }
    }

    fn markets(&self, floor: &Floor, timer: Duration) -> Vec<Market> {
        self.tickers.iter().filter_map(|ticker| markets::found(floor, ticker, None, timer)).collect()
    }

    fn told(&self, floor: &Floor, markets: Vec<Market>, with_markets: bool) -> Event {
        let is_exclusive = self.tickers.len() > 1;
        let first = markets.first();
        let title = first.and_then(|market| market.title.as_deref()).unwrap_or(&self.ticker);
        let series = floor.directory.series(&self.series);
        let fees =
            self.tickers.first().and_then(|ticker| floor.exchange.market(ticker)).map(|view| view.spec.fees);
        let own_fees = fees.filter(|fees| series.is_some_and(|series| series.fees != *fees));
        Event {
            event_ticker: self.ticker.clone(),
            series_ticker: self.series.clone(),
            title: title.split(": ").next().unwrap_or_default().to_owned(),
            sub_title: String::new(),
            collateral_return_type: if is_exclusive { "MECNET".to_owned() } else { String::new() },
            mutually_exclusive: is_exclusive,
            category: series.map(|series| series.category.clone()),
            settlement_sources: Vec::new(),
            last_updated_ts: markets.iter().map(|market| market.updated_time).max(),
            fee_type_override: own_fees.map(|fees| wire::fee_type(fees.kind).to_owned()),
            fee_multiplier_override: own_fees.map(|fees| Ratio::from_raw(i64::from(fees.multiplier_ppm))),
            exchange_index: first.and_then(|market| market.exchange_index),
            markets: with_markets.then_some(markets),
        }
    }
}

impl From<&EventEntry> for Named {
    fn from(event: &EventEntry) -> Self {
        Self {
            ticker: event.ticker.clone(),
            series: event.series.clone(),
            tickers: event.markets.iter().map(ToString::to_string).collect(),
        }
    }
}

/// `GET /series`.
pub(super) async fn series_list(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    let category = parameters.text("category");
    let mut series = venue.with(|floor, _| all_series(floor));
    series.retain(|series| category.is_none_or(|category| category == series.category));
    ok(&SeriesList { series })
}

/// `GET /series/{series}`.
pub(super) async fn series(State(venue): State<Arc<Venue>>, Path(ticker): Path<String>) -> Answer {
    let series = venue.with(|floor, _| all_series(floor)).into_iter().find(|series| series.ticker == ticker);
    ok(&SeriesEnvelope { series: series.ok_or_else(Problem::not_found)? })
}

fn all_series(floor: &Floor) -> Vec<Series> {
    let quiet = floor.quiet.series().map(|(ticker, category)| {
        told_series(ticker, category, "Quiet question", "quadratic", Ratio::ONE, 0)
    });
    let known = floor.directory.series.iter().map(|series| {
        let SeriesEntry { ticker, category, title, fees, shard } = series;
        let multiplier = Ratio::from_raw(i64::from(fees.multiplier_ppm));
        told_series(ticker, category, title, wire::fee_type(fees.kind), multiplier, *shard)
    });
    known.chain(quiet).collect()
}

fn told_series(
    ticker: &str,
    category: &str,
    title: &str,
    fee_type: &str,
    fee_multiplier: Ratio,
    shard: u8,
) -> Series {
    Series {
        ticker: ticker.to_owned(),
        title: title.to_owned(),
        frequency: "daily".to_owned(),
        category: category.to_owned(),
        categories: vec![category.to_owned()],
        tags: Vec::new(),
        settlement_sources: Vec::new(),
        contract_url: String::new(),
        contract_terms_url: String::new(),
        fee_type: fee_type.to_owned(),
        fee_multiplier,
        additional_prohibitions: Vec::new(),
        volume_fp: None,
        last_updated_ts: None,
        exchange_index: Some(shard),
    }
}

/// `GET /series/fee_changes`: fees change here without notice.
pub(super) async fn series_fee_changes() -> Answer {
    ok(&SeriesFeeChanges { series_fee_change_arr: Vec::new() })
}

/// `GET /events/fee_changes`.
pub(super) async fn event_fee_changes() -> Answer {
    ok(&EventFeeChanges { event_fee_changes: Vec::new(), cursor: String::new() })
}

/// `GET /exchange/status`.
pub(super) async fn status(State(venue): State<Arc<Venue>>) -> Answer {
    let statuses: Vec<ShardStatus> = venue.with(|floor, _| {
        let cash = floor.exchange.shards(floor.account).map(|(shard, _)| shard);
        let markets = floor.directory.series.iter().map(|series| series.shard);
        let shards: BTreeSet<u8> = cash.chain(markets).chain([0]).collect();
        let told = |shard| ShardStatus {
            exchange_index: shard,
            description: description(shard).to_owned(),
            exchange_active: floor.exchange.is_active(shard),
            trading_active: floor.exchange.is_trading(shard),
            intra_exchange_transfers_active: false,
        };
        shards.into_iter().map(told).collect()
    });
    let first = statuses.first();
    ok(&ExchangeStatus {
        exchange_active: first.is_none_or(|shard| shard.exchange_active),
        trading_active: first.is_none_or(|shard| shard.trading_active),
        intra_exchange_transfers_active: Some(false),
        exchange_estimated_resume_time: None,
        exchange_index_statuses: statuses,
    })
}

const fn description(shard: u8) -> &'static str {
    match shard {
        0 => "Default",
        1 => "Combos",
        2 => "Crypto, Commodities",
        3 => "Tennis, Baseball, Basketball",
        _ => "Simulated",
    }
}

/// `GET /exchange/schedule`: open all day; the weekly pause is not kept by itself.
pub(super) async fn schedule(State(venue): State<Arc<Venue>>) -> Answer {
    let start = venue.clock.start();
    let all_day = || vec![DailyHours { open_time: "00:00".to_owned(), close_time: "00:00".to_owned() }];
    let week = WeeklySchedule {
        start_time: start,
        end_time: start + Duration::from_hours(365 * 24),
        monday: all_day(),
        tuesday: all_day(),
        wednesday: all_day(),
        thursday: all_day(),
        friday: all_day(),
        saturday: all_day(),
        sunday: all_day(),
    };
    let maintenance_windows: Vec<MaintenanceWindow> = Vec::new();
    ok(&ScheduleEnvelope { schedule: Schedule { standard_hours: vec![week], maintenance_windows } })
}

/// `GET /exchange/user_data_timestamp`: portfolio reads don't trail here.
pub(super) async fn user_data_timestamp(State(venue): State<Arc<Venue>>) -> Answer {
    ok(&UserDataTimestamp { as_of_time: venue.clock.now() })
}

/// `GET /historical/cutoff`: nothing has moved to the historical endpoints.
pub(super) async fn historical_cutoff() -> Answer {
    let never = Timestamp::EPOCH;
    ok(&HistoricalCutoff {
        market_settled_ts: never,
        trades_created_ts: never,
        orders_updated_ts: never,
        market_positions_last_updated_ts: Some(never),
    })
}

/// `GET /account/limits`.
pub(super) async fn account_limits(State(venue): State<Arc<Venue>>) -> Answer {
    ok(&venue.allowance().told())
}

/// `GET /account/endpoint_costs`.
pub(super) async fn endpoint_costs() -> Answer {
    ok(&limits::endpoint_costs())
}
