//! The same report from the second store.

use super::{DAY, Kept};
use crate::postgres::{Servers, until};
use crate::sim::{bot, said};
use kalshi_bot::store::Store;
use kalshi_bot::store::supabase::Supabase;
use std::time::Duration;

#[test]
fn both_stores_tell_the_same() {
    let Some(servers) = Servers::start() else { return };
    let mut migrate = bot(&["migrate", "--store", "supabase"]);
    said(migrate.env("DATABASE_URL", servers.connection())).ended(0);
    let database = servers.settings().database;
    let supabase = || Supabase::of_settings(&database).expect("sound").expect("configured");
    until("PostgREST has seen the tables", || supabase().check().ok());
    let kept = Kept::paper("1h");
    let store = Store::open(&kept.state()).expect("nobody uses it");
    let counts = store.ship_to(Box::new(supabase())).expect("a thread").finish(Duration::from_secs(30));
    assert_eq!((counts.waiting, counts.refused), (0, 0), "{counts:?}");
    drop(store);

    let from = |store: &str| {
        let arguments = ["--day", DAY, "--output", "json", "--store", store];
        said(kept.report(&arguments).envs(servers.rest_variables())).ended(0).document()
    };
    let local = from("local");
    assert!(local["trading"]["trades"].as_u64().is_some_and(|trades| trades > 5), "{local}");
    assert_eq!(local, from("supabase"));

    let arguments = ["--day", DAY, "--store", "supabase"];
    let refused =
        said(kept.report(&arguments).envs(servers.rest_variables()).env("SUPABASE_KEY", "not.a.key"))
            .ended(3);
    assert!(refused.stderr.contains("service key"), "{refused:#?}");
    let away = said(
        kept.report(&arguments).envs(servers.rest_variables()).env("SUPABASE_URL", "http://127.0.0.1:1"),
    )
    .ended(4);
    assert!(away.stderr.contains("127.0.0.1:1"), "{away:#?}");
}
