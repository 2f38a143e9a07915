//! What can stand between an operator and the exchange, each with its exit code and a next step.

use crate::exchange::{Exchange, World, start};
use crate::program::{bare, ended, run, run_as};
use std::net::TcpListener;

const PRIVATE: [&[&str]; 6] =
    [&["balance"], &["positions"], &["fills"], &["orders", "list"], &["cancel-all"], &["flatten"]];

#[test]
fn refused_credentials_exit_with_3() {
    let exchange = start(World::default());
    for command in PRIVATE {
        let refused = run_as("another-key", &exchange, command);
        assert_eq!(refused.code, Some(3), "{command:?}: {refused:?}");
        assert!(refused.stderr.contains("refuses the credentials"), "{command:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("next:  check api.key_id"), "{command:?}: {}", refused.stderr);
        assert_eq!(refused.stdout, "", "{command:?}");
    }
}

#[test]
fn an_exchange_that_is_not_there_exits_with_4() {
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let url = format!("http://{nobody}/trade-api/v2");
    for command in [&["markets", "scan"][..], &["markets", "show", "KXRAIN"]] {
        let lost = ended(bare().args(command).args(["--api-url", &url]));
        assert_eq!(lost.code, Some(4), "{command:?}: {lost:?}");
        assert!(lost.stderr.contains("can't be reached"), "{command:?}: {}", lost.stderr);
    }
}

#[test]
fn a_key_that_is_missing_or_none_exits_with_2() {
    let exchange = start(World::default());
    for command in PRIVATE {
        let without = ended(bare().args(command).args(["--api-url", &exchange.url]));
        assert_eq!(without.code, Some(2), "{command:?}: {without:?}");
        assert!(without.stderr.contains("KALSHI_API_KEY_ID is not set"), "{command:?}: {}", without.stderr);
    }
    let missing = bare()
        .env("KALSHI_API_KEY_ID", "k")
        .env("KALSHI_PRIVATE_KEY_PATH", "/nowhere/key.pem")
        .args(["balance", "--api-url", &exchange.url])
        .output()
        .expect("the program starts");
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(exchange.world().requests.len(), 0);
}

#[test]
fn mistakes_of_usage_ask_the_exchange_nothing() {
    let exchange: Exchange = start(World::default());
    for arguments in [
        &["orders"][..],
        &["orders", "cancel"],
        &["orders", "list", "--status", "open"],
        &["fills", "--since", "yesterday"],
        &["flatten", "--slippage", "1"],
        &["markets", "scan", "--within", "0"],
        &["markets", "scan", "--series", "A", "--event", "B"],
        &["balance", "--production"],
        &["balance", "--output", "xml"],
    ] {
        let refused = run(&exchange, arguments);
        assert_eq!(refused.code, Some(2), "{arguments:?}: {refused:?}");
        assert_eq!(refused.stdout, "", "{arguments:?}");
    }
    assert_eq!(exchange.world().requests.len(), 0);
}
