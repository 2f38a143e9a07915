//! Rows: the same in both stores, once each, after whatever happened on the way.

use super::postgres::{Servers, until};
use super::sim::{Sim, bot, said, signal, wait};
use kalshi_bot::store::supabase::Supabase;
use kalshi_bot::store::table::TABLES;
use kalshi_bot::store::{RowStore, Store};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A bot's folder and the second store it ships to, with the tables made.
pub(super) struct Account {
    pub(super) servers: Servers,
    folder: TempDir,
}

impl Account {
    pub(super) fn new() -> Option<Self> {
        let account = Self { servers: Servers::start()?, folder: tempfile::tempdir().expect("a folder") };
        let mut migrate = bot(&["migrate", "--store", "supabase"]);
        said(migrate.env("DATABASE_URL", account.servers.connection())).ended(0);
        until("PostgREST has seen the tables", || {
            let settings = account.servers.settings();
            let supabase = Supabase::of_settings(&settings.database).expect("sound").expect("configured");
            supabase.check().ok()
        });
        Some(account)
    }

    pub(super) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A paper run that keeps its rows in both stores.
    pub(super) fn paper(&self, arguments: &[&str]) -> Command {
        let mut command = bot(&["paper", "--speed", "max", "--output", "json"]);
        command.args(arguments).arg("--state-dir").arg(self.state()).envs(self.servers.rest_variables());
        command
    }

    pub(super) fn supabase(&self) -> Supabase {
        Supabase::of_settings(&self.servers.settings().database).expect("sound").expect("configured")
    }

    /// Asserts that both stores hold the same rows; how many there are of each table.
    pub(super) fn same_rows(&self) -> Vec<(&'static str, usize)> {
        let (local, second) = (Store::open_to_read(&self.state()).expect("a store"), self.supabase());
        TABLES
            .into_iter()
            .map(|table| {
                let (here, there) =
                    (local.read(table, &[]).expect("readable"), second.read(table, &[]).expect("readable"));
                // The two sort texts differently.
                let sorted = |mut rows: Vec<String>| {
                    rows.sort();
                    rows
                };
                let text = |rows: &[kalshi_bot::store::row::Row]| {
                    sorted(rows.iter().map(|row| format!("{:?}", row.values)).collect())
                };
                assert_eq!(text(&here), text(&there), "{}", table.name);
                (table.name, here.len())
            })
            .collect()
    }

    /// Waits until nothing waits in the spool of a bot that runs.
    fn settled(&self) {
        until("the spool is empty", || {
            let spool = rusqlite::Connection::open(self.state().join("kalshi-bot.db")).ok()?;
            let waiting: i64 = spool.query_row("SELECT count(*) FROM spool", [], |row| row.get(0)).ok()?;
            (waiting == 0).then_some(())
        });
    }
}

/// The cash of the account, from the rows of the second store alone. A bid pays and an ask brings its YES price; a NO
/// contract that is held binds a dollar, until the market pays its YES value for each YES contract, above zero or below.
const CASH: &str = "
WITH fills_of AS (
    SELECT market_id,
        sum(CASE side WHEN 'bid' THEN size ELSE -size END) AS held,
        sum(CASE side WHEN 'bid' THEN -price * size ELSE price * size END - fee) AS flow
    FROM fills GROUP BY market_id
), paid AS (
    SELECT market_id, max(yes_value) AS value FROM (
        SELECT market_id, yes_value FROM settlements UNION ALL SELECT market_id, yes_value FROM account_payouts
    ) AS every GROUP BY market_id
)
SELECT round((SELECT cash FROM account_baselines WHERE number = 1)
    + sum(flow + CASE WHEN value IS NULL THEN -greatest(0, -held) ELSE held * value END), 6)
FROM fills_of LEFT JOIN paid USING (market_id)";

fn count(rows: &[(&str, usize)], table: &str) -> usize {
    rows.iter().find(|(name, _)| *name == table).map_or(0, |(_, count)| *count)
}

#[test]
fn a_paper_run_leaves_the_same_rows_in_both_stores_and_they_add_up_to_its_report() {
    let Some(account) = Account::new() else { return };
    let report = said(&mut account.paper(&["--seed", "3", "--for", "1h"])).ended(0).document();
    let rows = account.same_rows();
    for table in ["runs", "trades", "fills", "orders", "decisions", "account_snapshots", "logs"] {
        assert!(count(&rows, table) > 0, "{table}: {rows:?}");
    }
    assert_eq!(count(&rows, "trades"), report["trades"].as_array().expect("a list").len());
    assert_eq!(count(&rows, "fills"), report["fills"].as_array().expect("a list").len());
    let sums = account.servers.sql(
        "SELECT sum(net_pnl) || ' ' || sum(gross_pnl) || ' ' || sum(fees) || ' ' || count(*) FROM trades",
    );
    let summary = &report["summary"];
    let text = |name: &str| summary[name].as_str().expect("a decimal").to_owned();
    assert_eq!(
        sums,
        format!("{} {} {} {}", text("net_pnl"), text("gross_pnl"), text("fees"), summary["trades"])
    );
    // Every fee was paid by a fill: of a closed trade, or of what is still held.
    let unaccounted = "SELECT (SELECT sum(fee) FROM fills) >= (SELECT sum(fees) FROM trades)";
    assert_eq!(account.servers.sql(unaccounted), "t");

    // A second run of the same account adds its rows to the first one's.
    said(&mut account.paper(&["--seed", "4", "--for", "15m"]));
    assert_eq!(count(&account.same_rows(), "runs"), 2);
}

#[test]
fn rows_of_a_time_without_a_second_store_follow_once_there_is_one() {
    let Some(account) = Account::new() else { return };
    let mut alone = account.paper(&["--seed", "3", "--for", "15m"]);
    for (name, _) in account.servers.rest_variables() {
        alone.env_remove(name);
    }
    said(&mut alone);
    assert_eq!(account.servers.sql("SELECT count(*) FROM runs"), "0");
    said(&mut account.paper(&["--seed", "4", "--for", "15m"]));
    assert_eq!(count(&account.same_rows(), "runs"), 2);
}

#[test]
fn servers_and_bot_are_killed_in_mid_run_and_every_row_is_there_once() {
    let Some(mut account) = Account::new() else { return };
    let sim = Sim::start(&["--seed", "3", "--markets", "80", "--speed", "20", "--tier", "prime"]);
    let mut run = account.run(&sim);
    let fills = |account: &Account| account.servers.sql("SELECT count(*) FROM fills").parse::<u32>();
    until("fills arrive", || fills(&account).ok().filter(|fills| *fills > 3));

    account.servers.kill_rest();
    account.more_rows("fills");
    account.servers.kill_postgres();
    account.more_rows("account_snapshots");
    signal(&run, "KILL");
    assert_eq!(wait(&mut run, Duration::from_secs(10)), None, "it was killed");
    account.servers.start_postgres();
    account.servers.start_rest();

    let mut run = account.run(&sim);
    account.more_rows("fills");
    account.servers.kill_postgres();
    account.more_rows("orders");
    account.servers.start_postgres();
    account.more_rows("fills");
    account.settled();
    signal(&run, "TERM");
    assert_eq!(wait(&mut run, Duration::from_secs(15)), Some(0));
    // What was left is carried by the next start.
    let last = said(account.on(&sim, &["run", "--for", "2s", "--output", "json"]).stdin(Stdio::null()));
    assert!(matches!(last.code, Some(0)), "{last:#?}");
    account.settled();

    // The engine's books are the exchange's to the micro-dollar, and the second store's are the engine's.
    let books = said(&mut account.on(&sim, &["reconcile", "--output", "json"])).ended(0).document();
    assert_eq!(account.servers.sql(CASH), books["cash_here"].as_str().expect("an amount"));
    let rows = account.same_rows();
    assert!(count(&rows, "runs") == 3 && count(&rows, "fills") > 10, "{rows:?}");
    let twice =
        "SELECT count(*) FROM (SELECT trade_id FROM fills GROUP BY trade_id HAVING count(*) > 1) AS twice";
    assert_eq!(account.servers.sql(twice), "0");
    let unlike = "SELECT count(*) FROM trades WHERE net_pnl <> exit_proceeds - entry_cost - fees";
    assert_eq!(account.servers.sql(unlike), "0");
}

impl Account {
    /// A command on the simulated exchange, with rules that trade much.
    fn on(&self, sim: &Sim, arguments: &[&str]) -> Command {
        let mut command = sim.bot(arguments);
        command.arg("--state-dir").arg(self.state()).envs(self.servers.rest_variables());
        for (key, value) in [
            ("MARKETS__MIN_VOLUME", "0"),
            ("MARKETS__MIN_LIQUIDITY", "0"),
            ("RISK__CIRCUIT_BREAKER_ENABLED", "false"),
            ("TRADING__COOLDOWN_MINUTES", "0"),
        ] {
            command.env(format!("KALSHI_BOT__{key}"), value);
        }
        command
    }

    fn run(&self, sim: &Sim) -> Child {
        let mut command = self.on(sim, &["run"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }

    /// Waits until the local store has more rows of a table than now.
    fn more_rows(&self, table: &str) {
        let count = || -> Option<i64> {
            let local = rusqlite::Connection::open(self.state().join("kalshi-bot.db")).ok()?;
            local.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).ok()
        };
        let before = until("the local store is there", count);
        until("it writes", || count().filter(|now| *now > before));
    }
}

#[test]
fn nothing_is_kept_anywhere_of_a_paper_run_without_a_folder() {
    let Some(account) = Account::new() else { return };
    let mut command = bot(&["paper", "--speed", "max", "--for", "10m", "--output", "json"]);
    said(command.envs(account.servers.rest_variables())).ended(0);
    assert_eq!(account.servers.sql("SELECT count(*) FROM runs"), "0");
}
