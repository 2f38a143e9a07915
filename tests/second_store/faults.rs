//! A second store that is wrong in one way or another: trading goes on, the operator is told, and rows wait.

use super::postgres::{key, until};
use super::rows::Account;
use super::sim::said;
use kalshi_bot::store::row::{Condition, Row, Value};
use kalshi_bot::store::spool::SpoolCounts;
use kalshi_bot::store::table::{RUNS, TRADES};
use kalshi_bot::store::{RowStore, Store};
use std::time::Duration;

impl Account {
    /// Ships what waits, as the next run would.
    fn ship(&self) -> SpoolCounts {
        let store = Store::open(&self.state()).expect("nobody uses it");
        let shipper = store.ship(&self.servers.settings().database).expect("sound").expect("configured");
        shipper.finish(Duration::from_secs(20))
    }
}

#[test]
fn a_wrong_key_is_told_and_the_run_goes_on() {
    let Some(account) = Account::new() else { return };
    for wrong in ["not.a.key".to_owned(), key("anon")] {
        let mut command = account.paper(&["--for", "10m"]);
        let run = said(command.env("SUPABASE_KEY", &wrong)).ended(0);
        assert!(run.stderr.contains("refuses the key"), "{}", run.stderr);
        assert!(!run.stderr.contains(&wrong), "the key is shown: {}", run.stderr);
    }
    assert_eq!(account.servers.sql("SELECT count(*) FROM runs"), "0");
    let counts = account.ship();
    assert!(counts.shipped > 0 && counts.waiting == 0, "{counts:?}");
    account.same_rows();
}

#[test]
fn a_schema_that_is_behind_is_told_and_rows_wait_for_it() {
    let Some(account) = Account::new() else { return };
    account.servers.sql(
        "DROP TABLE gates, results; ALTER TABLE trades DROP COLUMN fees; \
         DELETE FROM refinery_schema_history WHERE version >= 3; NOTIFY pgrst, 'reload schema'",
    );
    let run = said(&mut account.paper(&["--seed", "3", "--for", "30m"])).ended(0);
    assert!(run.stderr.contains("kalshi-bot migrate"), "{}", run.stderr);
    account.servers.sql("ALTER TABLE trades ADD COLUMN fees numeric(18, 6) NOT NULL");
    let mut migrate = super::sim::bot(&["migrate", "--store", "supabase"]);
    said(migrate.env("DATABASE_URL", account.servers.connection())).ended(0);
    // PostgREST takes a moment to see that the column is back.
    until("the rows arrive", || Some(account.ship()).filter(|counts| counts.fault.is_none()));
    account.same_rows();
}

#[test]
fn a_row_that_is_refused_is_put_aside_and_the_others_arrive() {
    let Some(account) = Account::new() else { return };
    account.servers.sql("ALTER TABLE trades ADD CONSTRAINT wins_only CHECK (net_pnl > 0)");
    let run = said(&mut account.paper(&["--seed", "3", "--for", "1h"])).ended(0);
    assert!(run.stderr.contains("will not have a row"), "{}", run.stderr);
    let document = run.document();
    let trades = document["trades"].as_array().expect("a list").iter();
    let lost = trades.filter(|trade| trade["net_pnl"].as_str().is_some_and(|net| net.starts_with('-')));
    let lost = lost.count() as u64;
    assert!(lost > 0, "this run has to lose a trade");
    let counts = account.ship();
    assert_eq!((counts.waiting, counts.refused), (0, lost), "tried again, refused again");
    account.servers.sql("ALTER TABLE trades DROP CONSTRAINT wins_only");
    assert_eq!(account.ship().refused, 0);
    account.same_rows();
}

#[test]
fn rows_that_are_there_already_are_no_fault() {
    let Some(account) = Account::new() else { return };
    said(&mut account.paper(&["--seed", "3", "--for", "20m"]));
    let before = account.same_rows();
    let store = Store::open(&account.state()).expect("nobody uses it");
    // As if everything had been sent and no answer had come.
    store.stop_spooling().expect("writable");
    drop(store);
    assert!(account.ship().shipped > 0);
    assert_eq!(account.same_rows(), before);
}

#[test]
fn conditions_and_last_rows_are_the_same_of_both_stores() {
    let Some(account) = Account::new() else { return };
    said(&mut account.paper(&["--seed", "3", "--for", "1h"]));
    let local = Store::open_to_read(&account.state()).expect("a store");
    let second = account.supabase();
    let both = |conditions: &[Condition]| -> Vec<Row> {
        let mut here = local.read(&TRADES, conditions).expect("readable");
        let mut there = second.read(&TRADES, conditions).expect("readable");
        here.sort_by_key(|row| format!("{:?}", row.values));
        there.sort_by_key(|row| format!("{:?}", row.values));
        assert_eq!(here, there);
        here
    };
    let all = both(&[]);
    let times: Vec<_> = all.iter().map(|row| row.read("exit_time").expect("a time")).collect();
    let (first, last) = (times.iter().min().expect("trades"), times.iter().max().expect("trades"));
    let some = both(&Condition::within("exit_time", *first, *last));
    assert!(!some.is_empty() && some.len() < all.len(), "the last one lies outside");
    let market: String = all[0].read("market_id").expect("a name");
    let odd = "a \"name\", with\\signs".to_owned();
    let of_market = both(&[Condition::among("market_id", [market, odd.clone()])]);
    assert!(!of_market.is_empty() && of_market.len() < all.len());
    assert_eq!(both(&[Condition::among("market_id", [odd])]), []);

    let last_of = |store: &dyn RowStore, conditions: &[Condition]| {
        store.last(&TRADES, "exit_time", conditions).expect("readable")
    };
    assert_eq!(last_of(&local, &[]), last_of(&second, &[]));
    let none = Condition::within("exit_time", *first, *first);
    assert_eq!((last_of(&local, &none), last_of(&second, &none)), (None, None));
    let run = local.read(&RUNS, &[]).expect("readable").remove(0);
    assert_eq!(run.value("account"), &Value::Null);
}
