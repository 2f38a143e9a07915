//! Every figure of a paper run's report against SQL on its database, to the micro-dollar.

use super::{DAY, Kept};
use crate::sim::said;
use rusqlite::Connection;
use serde_json::Value;

/// The day in Eastern time, as the database writes instants.
const WITHIN: &str =
    "exit_time >= '2026-11-23T05:00:00.000000Z' AND exit_time < '2026-11-24T05:00:00.000000Z'";

/// Micro-dollars of a decimal in the database; exact, since each fits a double to the last digit.
fn micros(expression: &str) -> String {
    format!("CAST(round(CAST({expression} AS REAL) * 1000000) AS INTEGER)")
}

/// Hundredths of a contract.
fn hundredths(expression: &str) -> String {
    format!("CAST(round(CAST({expression} AS REAL) * 100) AS INTEGER)")
}

/// One whole number that a query gives; zero where it gives none.
fn number(database: &Connection, query: &str) -> i64 {
    let read = database.query_row(query, [], |row| row.get::<_, Option<i64>>(0));
    read.unwrap_or_else(|error| panic!("{error}: {query}")).unwrap_or(0)
}

/// A decimal of the document, in millionths.
fn of(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("no decimal: {value}"));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<6}").parse().unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn totals_groups_and_balance_are_those_of_the_rows() {
    let kept = Kept::paper("2h");
    let report = said(&mut kept.report(&["--day", DAY, "--output", "json"])).ended(0).document();
    let database = kept.database();
    let sum = |column: &str, more: &str| {
        number(&database, &format!("SELECT sum({}) FROM trades WHERE {WITHIN} {more}", micros(column)))
    };
    let count = |more: &str| number(&database, &format!("SELECT count(*) FROM trades WHERE {WITHIN} {more}"));
    let trading = &report["trading"];
    assert!(count("") > 20, "there has to be something to tell");
    for column in ["net_pnl", "gross_pnl", "fees"] {
        assert_eq!(of(&trading[column]), sum(column, ""), "{column}");
    }
    assert_eq!(trading["trades"], count(""));
    let (won, lost) = ("AND CAST(net_pnl AS REAL) > 0", "AND CAST(net_pnl AS REAL) < 0");
    assert_eq!((&trading["wins"], &trading["losses"]), (&count(won).into(), &count(lost).into()));
    assert_eq!(of(&trading["win_rate"]), count(won) * 1_000_000 / count(""));
    let most = |order: &str| {
        number(&database, &format!("SELECT {order}({}) FROM trades WHERE {WITHIN}", micros("net_pnl")))
    };
    assert_eq!((of(&trading["largest_win"]), of(&trading["largest_loss"])), (most("max"), most("min")));

    for (list, column) in [("series", "series"), ("exits", "exit_reason")] {
        let groups = report[list].as_array().expect("a list");
        let names = number(&database, &format!("SELECT count(DISTINCT {column}) FROM trades WHERE {WITHIN}"));
        assert_eq!(i64::try_from(groups.len()), Ok(names), "{list}");
        for group in groups {
            let more = format!("AND {column} = '{}'", group["name"].as_str().expect("a name"));
            assert_eq!(group["trades"], count(&more), "{group}");
            assert_eq!(of(&group["net_pnl"]), sum("net_pnl", &more), "{group}");
            assert_eq!(of(&group["fees"]), sum("fees", &more), "{group}");
        }
    }

    let snapshot = |column: &str, order: &str| {
        let query = "FROM account_snapshots ORDER BY timestamp";
        number(&database, &format!("SELECT {} {query} {order}, seq {order} LIMIT 1", micros(column)))
    };
    let balance = &report["balance"];
    assert_eq!(of(&balance["starting_balance"]), snapshot("equity", "ASC"));
    assert_eq!(of(&balance["ending_balance"]), snapshot("equity", "DESC"));
    assert_eq!(of(&balance["ending_cash"]), snapshot("balance", "DESC"));
    assert_eq!(of(&balance["pnl"]), snapshot("equity", "DESC") - snapshot("equity", "ASC"));
    let open = "SELECT open_positions FROM account_snapshots ORDER BY timestamp DESC, seq DESC LIMIT 1";
    assert_eq!(balance["open_positions"], number(&database, open));
}

#[test]
fn slippage_calibration_and_funnel_are_those_of_the_rows() {
    let kept = Kept::paper("2h");
    let report = said(&mut kept.report(&["--day", DAY, "--output", "json"])).ended(0).document();
    let database = kept.database();
    // Prices of fills are YES prices: the outcome's own is the rest to a dollar where NO was bought.
    let own = format!("CASE t.outcome WHEN 'yes' THEN {0} ELSE 1000000 - {0} END", micros("f.price"));
    let slipped = |purpose: &str, plan: &str, sign: i64| {
        number(
            &database,
            &format!(
                "SELECT sum({sign} * ({own} - {}) * {}) / 100 FROM trades t \
                 JOIN fills f ON f.run_id = t.run_id AND f.market_id = t.market_id \
                  AND f.timestamp BETWEEN t.entry_time AND t.exit_time AND f.purpose = '{purpose}' \
                 JOIN decisions d ON d.run_id = t.run_id AND d.order_id = (SELECT e.order_id FROM fills e \
                  WHERE e.run_id = t.run_id AND e.market_id = t.market_id AND e.purpose = 'entry' \
                  AND e.timestamp BETWEEN t.entry_time AND t.exit_time ORDER BY e.timestamp, e.trade_id LIMIT 1)",
                micros(plan),
                hundredths("f.size"),
            ),
        )
    };
    let slippage = &report["slippage"];
    assert_eq!(of(&slippage["entries"]["dollars"]), slipped("entry", "d.price", 1));
    assert_eq!(of(&slippage["stops"]["dollars"]), slipped("stop_loss", "d.stop", -1));
    assert!(of(&slippage["stops"]["dollars"]) > 0, "stops are sold into gaps");

    for bucket in report["calibration"].as_array().expect("a list") {
        let (from, to) = (of(&bucket["from"]), of(&bucket["to"]));
        let price = micros("entry_price");
        let last = if to == 1_000_000 { "=" } else { "" };
        let inside = format!("{WITHIN} AND {price} >= {from} AND {price} <{last} {to}");
        let count = number(&database, &format!("SELECT count(*) FROM trades WHERE {inside}"));
        assert_eq!(bucket["trades"], count, "{bucket}");
        let true_then = "JOIN results r ON r.run_id = t.run_id AND r.market_id = t.market_id";
        let known =
            format!("SELECT count(*) FROM trades t {true_then} WHERE {inside} AND r.result <> 'scalar'");
        assert_eq!(bucket["known"], number(&database, &known), "{bucket}");
        let came = number(&database, &format!("{known} AND r.result = t.outcome"));
        assert_eq!(bucket["came_true"], came, "{bucket}");
    }

    let gates = report["funnel"].as_array().expect("a list");
    assert_eq!(gates.len(), 4);
    for gate in gates {
        let name = gate["gate"].as_str().expect("a name");
        let markets = |verdict: &str| {
            let query =
                format!("SELECT sum(markets) FROM gates WHERE gate = '{name}' AND verdict = '{verdict}'");
            number(&database, &query)
        };
        assert_eq!(gate["passed"], markets("passed"), "{name}");
        for refused in gate["refused"].as_array().expect("a list") {
            assert_eq!(refused["markets"], markets(refused["reason"].as_str().expect("a word")), "{name}");
        }
    }
    let stored = number(&database, "SELECT count(*) FROM gates WHERE day = '2026-11-23'");
    assert!(stored > 8, "the gates of the day are kept: {stored}");
}

#[test]
fn several_paper_runs_of_a_day_are_added_up_and_one_can_be_picked() {
    let kept = Kept::paper("20m");
    kept.trade("5", "20m");
    let all = said(&mut kept.report(&["--day", DAY, "--output", "json"])).ended(0).document();
    let accounts = all["balance"]["accounts"].as_array().expect("a list");
    assert_eq!((accounts.len(), of(&all["balance"]["starting_balance"])), (2, 20_000_000_000));
    let mut net = 0;
    for account in accounts {
        let name = account["name"].as_str().expect("a name");
        let one = ["--day", DAY, "--account", name, "--output", "json"];
        let one = said(&mut kept.report(&one)).ended(0).document();
        assert_eq!(one["balance"]["accounts"].as_array().map(Vec::len), Some(1));
        net += of(&one["trading"]["net_pnl"]);
    }
    assert_eq!(net, of(&all["trading"]["net_pnl"]));
}
