//! Bodies of the REST API: what can be read can be written, and reads back as the same.

use kalshi_bot::kalshi::model::{
    AccountLimits, AmendedOrder, Balance, BatchCanceled, BatchCreated, CanceledOrder, Candlesticks,
    CreatedOrder, CreatedOrderGroup, DecreasedOrder, EndpointCosts, ErrorBody, EventEnvelope,
    EventFeeChanges, Events, ExchangeStatus, Fills, HistoricalCutoff, MarketEnvelope, Markets, OrderEnvelope,
    OrderGroupEnvelope, OrderGroups, OrderbookEnvelope, Orderbooks, Orders, Positions, QueuePositions,
    ScheduleEnvelope, SeriesEnvelope, SeriesFeeChanges, SeriesList, Settlements, Trades, UserDataTimestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// Reads one kind of body.
type Reader = fn(&[u8]);

/// Every body that is ever read, by the first byte of the input. New ones go to the end, so that a corpus keeps its
/// meaning.
const READERS: &[Reader] = &[
    body::<ExchangeStatus>,
    body::<ScheduleEnvelope>,
    body::<UserDataTimestamp>,
    body::<HistoricalCutoff>,
    body::<AccountLimits>,
    body::<EndpointCosts>,
    body::<Markets>,
    body::<MarketEnvelope>,
    body::<Events>,
    body::<EventEnvelope>,
    body::<SeriesList>,
    body::<SeriesEnvelope>,
    body::<OrderbookEnvelope>,
    body::<Orderbooks>,
    body::<Trades>,
    body::<Candlesticks>,
    body::<SeriesFeeChanges>,
    body::<EventFeeChanges>,
    body::<CreatedOrder>,
    body::<CanceledOrder>,
    body::<AmendedOrder>,
    body::<DecreasedOrder>,
    body::<BatchCreated>,
    body::<BatchCanceled>,
    body::<ErrorBody>,
    body::<Orders>,
    body::<OrderEnvelope>,
    body::<QueuePositions>,
    body::<CreatedOrderGroup>,
    body::<OrderGroups>,
    body::<OrderGroupEnvelope>,
    body::<Balance>,
    body::<Positions>,
    body::<Fills>,
    body::<Settlements>,
];

/// The first byte says which body the rest is: `A` the first kind, and so on.
pub fn rest_body(input: &[u8]) {
    let Some((kind, text)) = input.split_first() else { return };
    READERS[usize::from(kind.wrapping_sub(b'A')) % READERS.len()](text);
}

fn body<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(text) else { return };
    let written = serde_json::to_vec(&read).expect("what was read can be written");
    let again: T = serde_json::from_slice(&written)
        .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(&written)));
    assert_eq!(read, again);
}
