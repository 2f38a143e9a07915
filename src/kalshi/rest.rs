//! The exchange's REST API, one method an operation (api sections 4 to 6 and 8).
//!
//! [`Client`] names paths, queries and bodies; signing, limits, retries and errors are the [`transport`]'s. Reads are
//! repeated where that helps. What changes something is sent once: where its outcome is unknown, the caller asks.

pub mod query;
pub mod transport;

use super::error::ApiError;
use super::limits::{Charge, Costs, Route};
#[allow(clippy::wildcard_imports, reason = "nearly every body of the API has its operation here")]
use super::model::*;
use query::{FillQuery, MarketQuery, OrderQuery, PositionQuery, Query, SettlementQuery, TradeQuery};
use reqwest::Method;
use transport::Transport;

/// A client of one exchange, for one account or for none. Clones share connections and limits.
#[derive(Debug, Clone)]
pub struct Client {
    transport: Transport,
}

/// Where a list is read from, page by page.
#[derive(Debug)]
pub struct Pages<'a, P> {
    client: &'a Client,
    path: String,
    query: Query,
    signed: bool,
    cursor: Option<String>,
    seen: std::collections::HashSet<String>,
    page: std::marker::PhantomData<fn() -> P>,
}

impl<P: Page + serde::de::DeserializeOwned> Pages<'_, P> {
    /// The next page's items; `None` after the last.
    ///
    /// # Errors
    /// [`ApiError`]; [`ApiError::CursorLoop`] when a cursor comes a second time.
    pub async fn next(&mut self) -> Result<Option<Vec<P::Item>>, ApiError> {
        let Some(cursor) = self.cursor.take() else { return Ok(None) };
        let mut query = self.query.clone();
        query.text("cursor", Some(cursor.as_str()).filter(|cursor| !cursor.is_empty()));
        let page: P = self.client.transport.read(&self.path, &query, self.signed).await?;
        let (items, next) = page.into_parts();
        if !next.is_empty() {
            if !self.seen.insert(next.clone()) {
                return Err(ApiError::CursorLoop { what: format!("GET {}", self.path) });
            }
            self.cursor = Some(next);
        }
        Ok(Some(items))
    }

    /// Every item of every page.
    ///
    /// # Errors
    /// [`ApiError`] of the first page that fails.
    pub async fn all(mut self) -> Result<Vec<P::Item>, ApiError> {
        let mut all = Vec::new();
        while let Some(items) = self.next().await? {
            all.extend(items);
        }
        Ok(all)
    }
}

/// Each method is one operation of the exchange; its errors are those of [`ApiError`].
#[allow(clippy::missing_errors_doc, reason = "every method fails in the ways that ApiError names")]
impl Client {
    /// A client that sends through `transport`.
    pub const fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// What carries its requests.
    pub const fn transport(&self) -> &Transport {
        &self.transport
    }

    fn pages<P>(&self, path: impl Into<String>, query: Query, signed: bool) -> Pages<'_, P> {
        Pages {
            client: self,
            path: path.into(),
            query,
            signed,
            cursor: Some(String::new()),
            seen: std::collections::HashSet::new(),
            page: std::marker::PhantomData,
        }
    }

    async fn public<T: serde::de::DeserializeOwned>(&self, path: &str, query: &Query) -> Result<T, ApiError> {
        self.transport.read(path, query, false).await
    }

    async fn private<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        query: &Query,
    ) -> Result<T, ApiError> {
        self.transport.read(path, query, true).await
    }
}

/// Markets, events, series, and the exchange itself.
#[allow(clippy::missing_errors_doc, reason = "every method fails in the ways that ApiError names")]
impl Client {
    /// `GET /exchange/status`. The same body may come with 500, 503 or 504.
    pub async fn exchange_status(&self) -> Result<ExchangeStatus, ApiError> {
        self.transport.status().await
    }

    /// `GET /exchange/schedule`.
    pub async fn exchange_schedule(&self) -> Result<Schedule, ApiError> {
        let body: ScheduleEnvelope = self.public("/exchange/schedule", &Query::default()).await?;
        Ok(body.schedule)
    }

    /// `GET /exchange/user_data_timestamp`.
    pub async fn user_data_timestamp(&self) -> Result<UserDataTimestamp, ApiError> {
        self.private("/exchange/user_data_timestamp", &Query::default()).await
    }

    /// `GET /historical/cutoff`.
    pub async fn historical_cutoff(&self) -> Result<HistoricalCutoff, ApiError> {
        self.public("/historical/cutoff", &Query::default()).await
    }

    /// `GET /markets`, page by page.
    pub fn markets(&self, query: &MarketQuery) -> Pages<'_, Markets> {
        self.pages("/markets", query.into(), false)
    }

    /// `GET /markets/{ticker}`.
    pub async fn market(&self, ticker: &str) -> Result<Market, ApiError> {
        let body: MarketEnvelope = self.public(&format!("/markets/{ticker}"), &Query::default()).await?;
        Ok(body.market)
    }

    /// `GET /events`, page by page, with their markets where wanted.
    pub fn events(
        &self,
        series: Option<&str>,
        status: Option<&str>,
        with_markets: bool,
    ) -> Pages<'_, Events> {
        let mut query = Query::default();
        query
            .number("limit", Some(200))
            .text("series_ticker", series)
            .text("status", status)
            .flag("with_nested_markets", with_markets);
        self.pages("/events", query, false)
    }

    /// `GET /events` of these names, up to 200 a page.
    pub fn events_named(&self, names: &[&str]) -> Pages<'_, Events> {
        let mut query = Query::default();
        query.number("limit", Some(200)).text("tickers", Some(&names.join(",")));
        self.pages("/events", query, false)
    }

    /// `GET /events/{event}`.
    pub async fn event(&self, event: &str) -> Result<EventEnvelope, ApiError> {
        self.public(&format!("/events/{event}"), &Query::default()).await
    }

    /// `GET /series`: all of them, in one answer.
    pub async fn series_list(&self) -> Result<Vec<Series>, ApiError> {
        let body: SeriesList = self.public("/series", &Query::default()).await?;
        Ok(body.series)
    }

    /// `GET /series/{series}`.
    pub async fn series(&self, series: &str) -> Result<Series, ApiError> {
        let body: SeriesEnvelope = self.public(&format!("/series/{series}"), &Query::default()).await?;
        Ok(body.series)
    }

    /// `GET /series/fee_changes`.
    pub async fn series_fee_changes(&self) -> Result<Vec<SeriesFeeChange>, ApiError> {
        let body: SeriesFeeChanges = self.public("/series/fee_changes", &Query::default()).await?;
        Ok(body.series_fee_change_arr)
    }

    /// `GET /events/fee_changes`, page by page.
    pub fn event_fee_changes(&self) -> Pages<'_, EventFeeChanges> {
        self.pages("/events/fee_changes", Query::default(), false)
    }

    /// `GET /markets/{ticker}/orderbook`, whole where `depth` is 0. An unknown market has an empty book.
    pub async fn orderbook(&self, ticker: &str, depth: u32) -> Result<Orderbook, ApiError> {
        let mut query = Query::default();
        query.number("depth", Some(u64::from(depth)));
        let body: OrderbookEnvelope = self.public(&format!("/markets/{ticker}/orderbook"), &query).await?;
        Ok(body.orderbook_fp)
    }

    /// `GET /markets/orderbooks` for 1 to 100 markets.
    pub async fn orderbooks(&self, tickers: &[&str]) -> Result<Vec<MarketOrderbook>, ApiError> {
        let mut query = Query::default();
        for ticker in tickers {
            query.text("tickers", Some(ticker));
        }
        let body: Orderbooks = self.public("/markets/orderbooks", &query).await?;
        Ok(body.orderbooks)
    }

    /// `GET /markets/trades`, page by page.
    pub fn trades(&self, query: &TradeQuery) -> Pages<'_, Trades> {
        self.pages("/markets/trades", query.into(), false)
    }

    /// `GET /series/{series}/markets/{ticker}/candlesticks`; seconds since 1970, and minutes (1, 60 or 1440).
    pub async fn candlesticks(
        &self,
        series: &str,
        ticker: &str,
        (start, end): (i64, i64),
        minutes: u32,
    ) -> Result<Vec<Candlestick>, ApiError> {
        let mut query = Query::default();
        query
            .signed("start_ts", Some(start))
            .signed("end_ts", Some(end))
            .number("period_interval", Some(u64::from(minutes)));
        let path = format!("/series/{series}/markets/{ticker}/candlesticks");
        let body: Candlesticks = self.public(&path, &query).await?;
        Ok(body.candlesticks)
    }

    /// `GET /account/limits`.
    pub async fn account_limits(&self) -> Result<AccountLimits, ApiError> {
        self.private("/account/limits", &Query::default()).await
    }

    /// `GET /account/endpoint_costs`.
    pub async fn endpoint_costs(&self) -> Result<EndpointCosts, ApiError> {
        self.public("/account/endpoint_costs", &Query::default()).await
    }

    /// Reads what the account may ask and what it costs, and keeps to it from now on.
    pub async fn load_limits(&self) -> Result<AccountLimits, ApiError> {
        let limits = self.account_limits().await?;
        let costs = self.endpoint_costs().await?;
        self.transport.load(&limits, Costs::from(&costs));
        Ok(limits)
    }
}

/// What the account has.
#[allow(clippy::missing_errors_doc, reason = "every method fails in the ways that ApiError names")]
impl Client {
    /// `GET /portfolio/balance`, all shards.
    pub async fn balance(&self) -> Result<Balance, ApiError> {
        self.private("/portfolio/balance", &Query::default()).await
    }

    /// `GET /portfolio/positions`, page by page.
    pub fn positions(&self, query: &PositionQuery) -> Pages<'_, Positions> {
        self.pages("/portfolio/positions", query.into(), true)
    }

    /// `GET /portfolio/fills`, page by page, newest first.
    pub fn fills(&self, query: &FillQuery) -> Pages<'_, Fills> {
        self.pages("/portfolio/fills", query.into(), true)
    }

    /// `GET /portfolio/settlements`, page by page, newest first.
    pub fn settlements(&self, query: &SettlementQuery) -> Pages<'_, Settlements> {
        self.pages("/portfolio/settlements", query.into(), true)
    }

    /// `GET /portfolio/orders`, page by page. There is no filter by client order id.
    pub fn orders(&self, query: &OrderQuery) -> Pages<'_, Orders> {
        self.pages("/portfolio/orders", query.into(), true)
    }

    /// `GET /portfolio/orders/{id}`.
    pub async fn order(&self, id: &str) -> Result<Order, ApiError> {
        let body: OrderEnvelope = self.private(&format!("/portfolio/orders/{id}"), &Query::default()).await?;
        Ok(body.order)
    }

    /// `GET /portfolio/orders/queue_positions` of these markets.
    pub async fn queue_positions(&self, tickers: &[&str]) -> Result<Vec<QueuePosition>, ApiError> {
        let mut query = Query::default();
        query.text("market_tickers", Some(&tickers.join(",")));
        let body: QueuePositions = self.private("/portfolio/orders/queue_positions", &query).await?;
        Ok(body.queue_positions)
    }
}

/// Where V2 orders go.
const ORDERS: &str = "/portfolio/events/orders";
/// Where order groups go.
const GROUPS: &str = "/portfolio/order_groups";

/// Orders and order groups: each call is sent once.
#[allow(clippy::missing_errors_doc, reason = "every method fails in the ways that ApiError names")]
impl Client {
    /// Signs the next [`Client::create_order`] ahead of time: a signature covers the path, not the order. It is used once
    /// and for two seconds, so this is worth calling every second and after each order where RSA makes signing slow.
    pub fn sign_order_ahead(&self) {
        self.transport.sign_ahead(Method::POST, ORDERS);
    }

    /// `POST /portfolio/events/orders`. 409 means that an order with this client order id got in before.
    pub async fn create_order(&self, order: &CreateOrder) -> Result<CreatedOrder, ApiError> {
        let charge = Charge::change(order.exchange_index.into());
        self.transport.write(Method::POST, ORDERS, &Query::default(), Some(order), charge).await
    }

    /// `DELETE /portfolio/events/orders/{id}`. 404 means that the order had ended.
    pub async fn cancel_order(&self, item: &BatchCancelItem) -> Result<CanceledOrder, ApiError> {
        let mut query = Query::default();
        query
            .number("subaccount", item.subaccount.map(u64::from))
            .number("exchange_index", item.exchange_index.map(u64::from))
            .text("market_ticker", item.market_ticker.as_deref());
        let path = format!("{ORDERS}/{}", item.order_id);
        let charge = Charge::cancel(item.exchange_index.into());
        self.transport.write(Method::DELETE, &path, &query, None::<&()>, charge).await
    }

    /// `DELETE /portfolio/events/orders`: takes off every order of the account on all shards. Orders of the following
    /// minute may be taken off too.
    pub async fn cancel_all(&self) -> Result<(), ApiError> {
        let charge = Charge::cancel(Route::Account);
        self.transport.write_silent(Method::DELETE, ORDERS, &Query::default(), None::<&()>, charge).await
    }

    /// `POST /portfolio/events/orders/{id}/amend`.
    pub async fn amend_order(&self, id: &str, order: &AmendOrder) -> Result<AmendedOrder, ApiError> {
        let path = format!("{ORDERS}/{id}/amend");
        let charge = Charge::change(order.exchange_index.into());
        self.transport.write(Method::POST, &path, &Query::default(), Some(order), charge).await
    }

    /// `POST /portfolio/events/orders/{id}/decrease`.
    pub async fn decrease_order(&self, id: &str, order: &DecreaseOrder) -> Result<DecreasedOrder, ApiError> {
        let path = format!("{ORDERS}/{id}/decrease");
        let charge = Charge::change(order.exchange_index.into());
        self.transport.write(Method::POST, &path, &Query::default(), Some(order), charge).await
    }

    /// `POST /portfolio/events/orders/batched`. Refusals of single orders come inside the answer.
    pub async fn create_orders(&self, batch: &BatchCreate) -> Result<BatchCreated, ApiError> {
        let path = format!("{ORDERS}/batched");
        let charge = batched(batch.orders.len(), false);
        self.transport.write(Method::POST, &path, &Query::default(), Some(batch), charge).await
    }

    /// `DELETE /portfolio/events/orders/batched`. Refusals of single cancels come inside the answer.
    pub async fn cancel_orders(&self, batch: &BatchCancel) -> Result<BatchCanceled, ApiError> {
        let path = format!("{ORDERS}/batched");
        let charge = batched(batch.orders.len(), true);
        self.transport.write(Method::DELETE, &path, &Query::default(), Some(batch), charge).await
    }

    /// `GET /portfolio/order_groups`.
    pub async fn order_groups(&self) -> Result<Vec<OrderGroup>, ApiError> {
        let body: OrderGroups = self.private(GROUPS, &Query::default()).await?;
        Ok(body.order_groups)
    }

    /// `GET /portfolio/order_groups/{id}`, wherever it is.
    pub async fn order_group(&self, id: &str) -> Result<OrderGroupEnvelope, ApiError> {
        self.private(&format!("{GROUPS}/{id}"), &Query::default()).await
    }

    /// `POST /portfolio/order_groups/create`.
    pub async fn create_order_group(&self, group: &CreateOrderGroup) -> Result<CreatedOrderGroup, ApiError> {
        let path = format!("{GROUPS}/create");
        let charge = Charge::change(Route::Shard(group.exchange_index.unwrap_or(0)));
        self.transport.write(Method::POST, &path, &Query::default(), Some(group), charge).await
    }

    /// `PUT /portfolio/order_groups/{id}/reset`: arms its brake again.
    pub async fn reset_order_group(&self, id: &str, shard: u8) -> Result<(), ApiError> {
        let path = format!("{GROUPS}/{id}/reset");
        let charge = Charge::change(Route::Shard(shard));
        self.transport.write_silent(Method::PUT, &path, &on_shard(shard), None::<&()>, charge).await
    }

    /// `PUT /portfolio/order_groups/{id}/trigger`: takes its orders off and refuses new ones until it is reset.
    pub async fn trigger_order_group(&self, id: &str, shard: u8) -> Result<(), ApiError> {
        let path = format!("{GROUPS}/{id}/trigger");
        let charge = Charge::cancel(Route::Shard(shard));
        self.transport.write_silent(Method::PUT, &path, &on_shard(shard), None::<&()>, charge).await
    }

    /// `PUT /portfolio/order_groups/{id}/limit`.
    pub async fn limit_order_group(
        &self,
        id: &str,
        shard: u8,
        limit: &OrderGroupLimit,
    ) -> Result<(), ApiError> {
        let path = format!("{GROUPS}/{id}/limit");
        let charge = Charge::change(Route::Shard(shard));
        self.transport.write_silent(Method::PUT, &path, &on_shard(shard), Some(limit), charge).await
    }

    /// `DELETE /portfolio/order_groups/{id}`: takes its orders off.
    pub async fn delete_order_group(&self, id: &str, shard: u8) -> Result<(), ApiError> {
        let path = format!("{GROUPS}/{id}");
        let charge = Charge::cancel(Route::Shard(shard));
        self.transport.write_silent(Method::DELETE, &path, &on_shard(shard), None::<&()>, charge).await
    }
}

/// Batches are counted in the account's own bucket, order by order.
fn batched(orders: usize, is_cancel: bool) -> Charge {
    let items = u32::try_from(orders).unwrap_or(u32::MAX);
    Charge::Write { route: Route::Account, items, is_cancel }
}

fn on_shard(shard: u8) -> Query {
    let mut query = Query::default();
    query.number("exchange_index", Some(u64::from(shard)));
    query
}
