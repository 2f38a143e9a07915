//! The exchange's own SDK for Node as a client of the simulated exchange: what its users' programs do works here too.

#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/sim.rs"]
mod sim;

use serde_json::Value;
use sim::Sim;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Operations of the SDK that the exercise has to have used.
const EXPECTED: [&str; 35] = [
    "amendOrderV2",
    "batchCancelOrdersV2",
    "batchCreateOrdersV2",
    "cancelAllOrders",
    "cancelOrderV2",
    "createOrderGroup",
    "createOrderV2",
    "decreaseOrderV2",
    "deleteOrderGroup",
    "getAccountApiLimits",
    "getAccountEndpointCosts",
    "getBalance",
    "getEvent",
    "getEvents",
    "getExchangeSchedule",
    "getExchangeStatus",
    "getFills",
    "getMarket",
    "getMarketOrderbook",
    "getMarketOrderbooks",
    "getMarkets",
    "getOrder",
    "getOrderGroup",
    "getOrderGroups",
    "getOrderQueuePositions",
    "getOrders",
    "getPositions",
    "getSeries",
    "getSeriesList",
    "getSettlements",
    "getTrades",
    "getUserDataTimestamp",
    "resetOrderGroup",
    "triggerOrderGroup",
    "updateOrderGroupLimit",
];

/// Where the SDK is installed. `tests/run` says so; without it the test says why it was left out, unless it must not be.
#[allow(clippy::print_stderr, reason = "a test that is left out says so")]
fn sdk() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("KALSHI_BOT_TEST_SDK") {
        return Some(folder.into());
    }
    assert!(std::env::var_os("KALSHI_BOT_TEST_ALL").is_none(), "KALSHI_BOT_TEST_SDK isn't set");
    eprintln!(
        "left out: KALSHI_BOT_TEST_SDK names no folder with kalshi-typescript in node_modules; tests/run makes one"
    );
    None
}

#[test]
fn the_exchanges_own_sdk_trades_on_the_simulated_exchange() {
    let Some(folder) = sdk() else { return };
    // The SDK of this version signs with RSA keys alone.
    let sim = Sim::start(&["--key-kind", "rsa", "--seed", "5", "--markets", "60", "--tier", "prime"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/exercise.js");
    let output = Command::new("node")
        .arg(script)
        .env("SIM", sim.ready.to_string())
        .env("NODE_PATH", folder.join("node_modules"))
        .output()
        .expect("node starts");
    let (said, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{complaint}{said}");
    let summary: Value =
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}{complaint}"));
    let used: Vec<_> = summary["used"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(used, EXPECTED);
}
