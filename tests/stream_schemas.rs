//! Commands to the stream against the schemas the exchange publishes for them.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use jsonschema::Validator;
use kalshi_bot::kalshi::stream::Channel;
use kalshi_bot::kalshi::stream::command::{Command, Ticker};
use serde_json::{Value, json};
use std::path::Path;

/// The published description, or `None` where it isn't at hand.
fn description() -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/kalshi/asyncapi-2026-07.yaml");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not here", path.display());
        return None;
    };
    Some(serde_yaml_ng::from_str(&text).expect("YAML"))
}

/// The schema of one kind of command, strict about keys the exchange doesn't know.
fn validator(description: &Value, name: &str) -> Validator {
    let mut components = description["components"].clone();
    let schema = &mut components["schemas"][name];
    for part in ["/properties/params", ""] {
        schema.pointer_mut(part).expect("a part of the schema")["additionalProperties"] = json!(false);
    }
    let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": components});
    jsonschema::validator_for(&schema).expect("a schema")
}

fn faults(validator: &Validator, command: &Value) -> Vec<String> {
    validator.iter_errors(command).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_command_is_as_the_exchange_describes_it() {
    let Some(description) = description() else { return };
    let tickers: Vec<Ticker> = vec!["KXDEMO-26DEC01-T50".into(), "KXDEMO-26DEC01-T60".into()];
    let (tickers, sid) = (&tickers[..], 7);
    let mut commands: Vec<(&str, Command<'_>)> = Channel::ALL
        .iter()
        .map(|&channel| {
            let tickers = if channel.follows_markets() { tickers } else { &[] };
            ("subscribeCommandPayload", Command::Subscribe { channel, tickers })
        })
        .collect();
    let update = "updateSubscriptionCommandPayload";
    commands.extend([
        ("unsubscribeCommandPayload", Command::Unsubscribe { sid }),
        (update, Command::AddMarkets { channel: Channel::OrderbookDelta, sid, tickers }),
        (update, Command::AddMarkets { channel: Channel::Ticker, sid, tickers }),
        (update, Command::DeleteMarkets { sid, tickers }),
        (update, Command::GetSnapshot { sid, tickers }),
    ]);
    for (id, (schema, command)) in (1..).zip(&commands) {
        let text = command.encode(id);
        let command: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(faults(&validator(&description, schema), &command), Vec::<String>::new(), "{text}");
        assert_eq!(command["id"], json!(id));
    }
}

#[test]
fn the_schemas_tell_wrong_commands_from_right_ones() {
    let Some(description) = description() else { return };
    let subscribe = validator(&description, "subscribeCommandPayload");
    let wrong = [
        json!({"id": 1, "cmd": "subscribe", "params": {"channels": ["orderbook"]}}),
        json!({"id": 1, "cmd": "subscribe", "params": {"channels": ["trade"], "market_tickers": []}}),
        json!({"id": 1, "cmd": "subscribe", "params": {"channels": ["trade"], "use_yes_prices": true}}),
    ];
    for command in wrong {
        assert_eq!(faults(&subscribe, &command).len(), 1, "{command}");
    }
}

#[test]
fn books_are_asked_for_in_yes_prices_and_only_the_ticker_channel_for_a_first_value() {
    let tickers: Vec<Ticker> = vec!["A".into()];
    for channel in [Channel::OrderbookDelta, Channel::Trade, Channel::Ticker] {
        let text = Command::Subscribe { channel, tickers: &tickers }.encode(3);
        let command: Value = serde_json::from_str(&text).expect("JSON");
        let is_on = |option: &str| command["params"].get(option) == Some(&json!(true));
        assert_eq!(is_on("use_yes_price"), channel == Channel::OrderbookDelta, "{text}");
        assert_eq!(is_on("send_initial_snapshot"), channel == Channel::Ticker, "{text}");
    }
}
