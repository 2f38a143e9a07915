//! Writes frames in the exchange's form, key for key, so that a simulated exchange speaks as the real one does.
//!
//! Each function appends one frame to a byte buffer. What these write, [`Decoder`](super::Decoder) reads back
//! unchanged. Frames of the lifecycle channel belong on a subscription of their own: `seq` counts per subscription.
//! The parts named `…_payload` are what such a frame carries, the same on every subscription: written once, a payload
//! goes out on many with [`enveloped`].

mod account;

pub use account::{
    OrderCosts, fill_payload, market_position_payload, order_group_payload, user_order_payload,
};

use super::message::{
    Created, Delta, EventFees, Lifecycle, LifecycleChange, MetadataUpdated, PriceRange, Snapshot, Ticker,
    Trade,
};
use crate::units::{Price, Quantity, Timestamp};
use std::fmt;
use std::io::Write;

/// Appends an `orderbook_snapshot`. An empty side is left out, as the exchange does.
pub fn snapshot(out: &mut Vec<u8>, sid: u32, seq: u64, snapshot: &Snapshot<'_>) {
    envelope(out, "orderbook_snapshot", sid, Some(seq));
    snapshot_payload(out, snapshot);
    put(out, format_args!("}}}}"));
}

/// Appends the `orderbook_snapshot` that answers command `id`.
pub fn requested_snapshot(out: &mut Vec<u8>, id: u64, sid: u32, seq: u64, snapshot: &Snapshot<'_>) {
    put(
        out,
        format_args!("{{\"type\":\"orderbook_snapshot\",\"id\":{id},\"sid\":{sid},\"seq\":{seq},\"msg\":{{"),
    );
    snapshot_payload(out, snapshot);
    put(out, format_args!("}}}}"));
}

fn snapshot_payload(out: &mut Vec<u8>, snapshot: &Snapshot<'_>) {
    market(out, &snapshot.ticker);
    levels(out, "yes_dollars_fp", snapshot.yes);
    levels(out, "no_dollars_fp", snapshot.no);
}

/// Appends a frame of type `kind` that carries a payload written before.
pub fn enveloped(out: &mut Vec<u8>, kind: &str, sid: u32, seq: Option<u64>, payload: &[u8]) {
    envelope(out, kind, sid, seq);
    out.extend_from_slice(payload);
    out.extend_from_slice(b"}}");
}

/// Appends an `orderbook_delta`.
pub fn delta(out: &mut Vec<u8>, sid: u32, seq: u64, delta: &Delta<'_>) {
    envelope(out, "orderbook_delta", sid, Some(seq));
    delta_payload(out, delta);
    put(out, format_args!("}}}}"));
}

/// What an `orderbook_delta` carries.
pub fn delta_payload(out: &mut Vec<u8>, delta: &Delta<'_>) {
    market(out, &delta.ticker);
    let Delta { price, change, side, .. } = delta;
    put(
        out,
        format_args!(
            ",\"price_dollars\":\"{price}\",\"delta_fp\":\"{change}\",\"side\":\"{}\"",
            side.as_str()
        ),
    );
    if let Some(id) = &delta.client_order_id {
        text_field(out, "client_order_id", id);
    }
    if let Some(time) = delta.time {
        put(out, format_args!(",\"ts\":\""));
        calendar(out, time);
        put(out, format_args!("\",\"ts_ms\":{}", millis(time)));
    }
}

/// Appends a `trade`.
pub fn trade(out: &mut Vec<u8>, sid: u32, seq: u64, trade: &Trade<'_>) {
    envelope(out, "trade", sid, Some(seq));
    trade_payload(out, trade);
    put(out, format_args!("}}}}"));
}

/// What a `trade` carries.
pub fn trade_payload(out: &mut Vec<u8>, trade: &Trade<'_>) {
    put(out, format_args!("\"trade_id\":"));
    quoted(out, &trade.trade_id);
    text_field(out, "market_ticker", &trade.ticker);
    let (yes, no) = (trade.yes_price, trade.yes_price.complement());
    put(out, format_args!(",\"yes_price_dollars\":\"{yes}\",\"no_price_dollars\":\"{no}\""));
    let (outcome, side) = (trade.taker.as_str(), trade.taker.book_side().as_str());
    put(out, format_args!(",\"count_fp\":\"{}\",\"taker_side\":\"{outcome}\"", trade.quantity));
    put(out, format_args!(",\"taker_outcome_side\":\"{outcome}\",\"taker_book_side\":\"{side}\""));
    if trade.is_block {
        put(out, format_args!(",\"is_block_trade\":true"));
    }
    if let Some(time) = trade.time {
        put(out, format_args!(",\"ts\":{},\"ts_ms\":{}", seconds(time), millis(time)));
    }
}

/// Appends a `ticker`, which takes no number on its subscription.
pub fn ticker(out: &mut Vec<u8>, sid: u32, ticker: &Ticker<'_>) {
    envelope(out, "ticker", sid, None);
    ticker_payload(out, ticker);
    put(out, format_args!("}}}}"));
}

/// What a `ticker` carries.
pub fn ticker_payload(out: &mut Vec<u8>, ticker: &Ticker<'_>) {
    market(out, &ticker.ticker);
    let Ticker { last, bid, bid_size, ask, ask_size, last_size, volume, open_interest, .. } = ticker;
    put(out, format_args!(",\"price_dollars\":\"{last}\""));
    put(out, format_args!(",\"yes_bid_dollars\":\"{bid}\",\"yes_ask_dollars\":\"{ask}\""));
    put(out, format_args!(",\"volume_fp\":\"{volume}\",\"open_interest_fp\":\"{open_interest}\""));
    let Ticker { dollar_volume, dollar_open_interest, .. } = ticker;
    put(out, format_args!(",\"dollar_volume\":{dollar_volume}"));
    put(out, format_args!(",\"dollar_open_interest\":{dollar_open_interest}"));
    put(out, format_args!(",\"yes_bid_size_fp\":\"{bid_size}\",\"yes_ask_size_fp\":\"{ask_size}\""));
    put(out, format_args!(",\"last_trade_size_fp\":\"{last_size}\""));
    if let Some(time) = ticker.time {
        put(out, format_args!(",\"ts\":{},\"ts_ms\":{},\"time\":\"", seconds(time), millis(time)));
        calendar(out, time);
        put(out, format_args!("\""));
    }
}

/// Appends a `market_lifecycle_v2`.
pub fn lifecycle(out: &mut Vec<u8>, sid: u32, seq: u64, lifecycle: &Lifecycle<'_>) {
    envelope(out, "market_lifecycle_v2", sid, Some(seq));
    lifecycle_payload(out, lifecycle);
    put(out, format_args!("}}}}"));
}

/// What a `market_lifecycle_v2` carries.
pub fn lifecycle_payload(out: &mut Vec<u8>, lifecycle: &Lifecycle<'_>) {
    put(out, format_args!("\"market_ticker\":"));
    quoted(out, &lifecycle.ticker);
    let event_type = match &lifecycle.change {
        LifecycleChange::Created(_) => "created",
        LifecycleChange::Activated => "activated",
        LifecycleChange::Deactivated => "deactivated",
        LifecycleChange::CloseDateUpdated { .. } => "close_date_updated",
        LifecycleChange::Determined { .. } => "determined",
        LifecycleChange::Settled { .. } => "settled",
        LifecycleChange::PriceLevelStructureUpdated { .. } => "price_level_structure_updated",
        LifecycleChange::MetadataUpdated(_) => "metadata_updated",
        LifecycleChange::Other { event_type } => event_type,
    };
    text_field(out, "event_type", event_type);
    match &lifecycle.change {
        LifecycleChange::Created(created) => created_fields(out, created),
        LifecycleChange::Activated => put(out, format_args!(",\"is_deactivated\":false")),
        LifecycleChange::Deactivated => put(out, format_args!(",\"is_deactivated\":true")),
        LifecycleChange::CloseDateUpdated { close } => seconds_field(out, "close_ts", Some(*close)),
        LifecycleChange::Determined { result, settlement_value, time } => {
            text_field(out, "result", result.as_str());
            seconds_field(out, "determination_ts", *time);
            if let Some(value) = settlement_value {
                put(out, format_args!(",\"settlement_value\":\"{value}\""));
            }
        }
        LifecycleChange::Settled { time } => seconds_field(out, "settled_ts", *time),
        LifecycleChange::PriceLevelStructureUpdated { structure, ranges } => {
            text_field(out, "price_level_structure", structure);
            price_ranges(out, ranges);
        }
        LifecycleChange::MetadataUpdated(metadata) => metadata_fields(out, metadata),
        LifecycleChange::Other { .. } => {}
    }
}

/// Appends an `event_fee_update`.
pub fn event_fees(out: &mut Vec<u8>, sid: u32, seq: u64, fees: &EventFees<'_>) {
    envelope(out, "event_fee_update", sid, Some(seq));
    event_fees_payload(out, fees);
    put(out, format_args!("}}}}"));
}

/// What an `event_fee_update` carries.
pub fn event_fees_payload(out: &mut Vec<u8>, fees: &EventFees<'_>) {
    put(out, format_args!("\"event_ticker\":"));
    quoted(out, &fees.event);
    match &fees.fee_type {
        Some(kind) => text_field(out, "fee_type_override", kind),
        None => put(out, format_args!(",\"fee_type_override\":null")),
    }
    match fees.multiplier {
        Some(multiplier) => put(out, format_args!(",\"fee_multiplier_override\":{multiplier:.0}")),
        None => put(out, format_args!(",\"fee_multiplier_override\":null")),
    }
}

/// Appends a `subscribed`: the answer to command `id`, one for each channel.
pub fn subscribed(out: &mut Vec<u8>, id: u64, channel: &str, sid: u32) {
    put(out, format_args!("{{\"type\":\"subscribed\",\"id\":{id},\"msg\":{{\"channel\":"));
    quoted(out, channel);
    put(out, format_args!(",\"sid\":{sid}}}}}"));
}

/// Appends an `ok`: the answer to command `id`, with the markets the subscription now has.
pub fn ok(out: &mut Vec<u8>, id: u64, sid: u32, seq: u64, tickers: &[&str]) {
    put(
        out,
        format_args!(
            "{{\"type\":\"ok\",\"id\":{id},\"sid\":{sid},\"seq\":{seq},\"msg\":{{\"market_tickers\":["
        ),
    );
    for (place, ticker) in tickers.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        quoted(out, ticker);
    }
    put(out, format_args!("]}}}}"));
}

/// Appends an `ok` that names no markets.
pub fn ok_short(out: &mut Vec<u8>, id: u64, sid: u32, seq: u64) {
    put(out, format_args!("{{\"type\":\"ok\",\"id\":{id},\"sid\":{sid},\"seq\":{seq},\"msg\":{{}}}}"));
}

/// Appends the `ok` that lists the session's subscriptions: channel and subscription id.
pub fn subscriptions<'a>(out: &mut Vec<u8>, id: u64, list: impl Iterator<Item = (&'a str, u32)>) {
    put(out, format_args!("{{\"type\":\"ok\",\"id\":{id},\"msg\":["));
    for (place, (channel, sid)) in list.enumerate() {
        let comma = if place > 0 { "," } else { "" };
        put(out, format_args!("{comma}{{\"channel\":\"{channel}\",\"sid\":{sid}}}"));
    }
    put(out, format_args!("]}}"));
}

/// Appends an `unsubscribed`: the last frame of a subscription.
pub fn unsubscribed(out: &mut Vec<u8>, id: u64, sid: u32, seq: u64) {
    put(out, format_args!("{{\"type\":\"unsubscribed\",\"id\":{id},\"sid\":{sid},\"seq\":{seq}}}"));
}

/// Appends an `error`. One about a subscription takes a number there; one that answers no command has no id.
pub fn error(
    out: &mut Vec<u8>,
    id: Option<u64>,
    subscription: Option<(u32, u64)>,
    (code, message): (u32, &str),
    ticker: Option<&str>,
) {
    put(out, format_args!("{{\"type\":\"error\""));
    if let Some(id) = id {
        put(out, format_args!(",\"id\":{id}"));
    }
    if let Some((sid, seq)) = subscription {
        put(out, format_args!(",\"sid\":{sid},\"seq\":{seq}"));
    }
    put(out, format_args!(",\"msg\":{{\"code\":{code}"));
    text_field(out, "msg", message);
    if let Some(ticker) = ticker {
        text_field(out, "market_ticker", ticker);
    }
    put(out, format_args!("}}}}"));
}

fn envelope(out: &mut Vec<u8>, kind: &str, sid: u32, seq: Option<u64>) {
    put(out, format_args!("{{\"type\":\"{kind}\",\"sid\":{sid}"));
    if let Some(seq) = seq {
        put(out, format_args!(",\"seq\":{seq}"));
    }
    put(out, format_args!(",\"msg\":{{"));
}

/// Ticker and id. The exchange gives every market a UUID; here it is made from the ticker, so the same market has
/// the same one in every run.
fn market(out: &mut Vec<u8>, ticker: &str) {
    put(out, format_args!("\"market_ticker\":"));
    quoted(out, ticker);
    let (high, low) = (fnv(ticker, 0xcbf2_9ce4_8422_2325), fnv(ticker, 0x8422_2325_cbf2_9ce4));
    put(
        out,
        format_args!(
            ",\"market_id\":\"{:08x}-{:04x}-{:04x}-{:04x}-{:012x}\"",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        ),
    );
}

/// FNV-1a from a chosen start.
fn fnv(text: &str, start: u64) -> u64 {
    text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn levels(out: &mut Vec<u8>, name: &str, levels: &[(Price, Quantity)]) {
    if levels.is_empty() {
        return;
    }
    put(out, format_args!(",\"{name}\":["));
    for (place, (price, size)) in levels.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        put(out, format_args!("{comma}[\"{price}\",\"{size}\"]"));
    }
    out.push(b']');
}

fn price_ranges(out: &mut Vec<u8>, ranges: &[PriceRange]) {
    put(out, format_args!(",\"price_ranges\":["));
    for (place, PriceRange { start, end, step }) in ranges.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        put(out, format_args!("{comma}{{\"start\":\"{start}\",\"end\":\"{end}\",\"step\":\"{step}\"}}"));
    }
    out.push(b']');
}

fn created_fields(out: &mut Vec<u8>, created: &Created<'_>) {
    seconds_field(out, "open_ts", created.open);
    seconds_field(out, "close_ts", created.close);
    put(out, format_args!(",\"exchange_index\":{}", created.exchange_index));
    if !created.ranges.is_empty() {
        price_ranges(out, &created.ranges);
    }
    put(out, format_args!(",\"additional_metadata\":{{"));
    let named = [("event_ticker", &created.event_ticker), ("title", &created.title)];
    let mut comma = "";
    for (name, value) in named {
        if let Some(value) = value {
            put(out, format_args!("{comma}\"{name}\":"));
            quoted(out, value);
            comma = ",";
        }
    }
    out.push(b'}');
}

fn metadata_fields(out: &mut Vec<u8>, metadata: &MetadataUpdated<'_>) {
    for (name, value) in [("yes_sub_title", &metadata.yes_sub_title), ("strike_type", &metadata.strike_type)]
    {
        if let Some(value) = value {
            text_field(out, name, value);
        }
    }
    for (name, value) in [("floor_strike", metadata.floor_strike), ("cap_strike", metadata.cap_strike)] {
        if let Some(value) = value {
            put(out, format_args!(",\"{name}\":{value}"));
        }
    }
}

fn text_field(out: &mut Vec<u8>, name: &str, value: &str) {
    put(out, format_args!(",\"{name}\":"));
    quoted(out, value);
}

fn seconds_field(out: &mut Vec<u8>, name: &str, time: Option<Timestamp>) {
    if let Some(time) = time {
        put(out, format_args!(",\"{name}\":{}", seconds(time)));
    }
}

fn seconds(time: Timestamp) -> i64 {
    time.micros().div_euclid(1_000_000)
}

fn millis(time: Timestamp) -> i64 {
    time.micros().div_euclid(1_000)
}

/// An RFC 3339 instant without the zeros at its end.
fn calendar(out: &mut Vec<u8>, time: Timestamp) {
    put(out, format_args!("{time}"));
    if out.pop_if(|last| *last == b'Z').is_some() {
        while out.pop_if(|last| *last == b'0').is_some() {}
        out.pop_if(|last| *last == b'.');
        out.push(b'Z');
    }
}

fn quoted(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("memory takes every write, and any text is a JSON string");
}

fn put(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    out.write_fmt(text).expect("memory takes every write");
}
