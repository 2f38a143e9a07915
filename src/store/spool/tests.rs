//! Whatever a second store does to batches, and wherever the shipping is killed: in the end it has every row once, as it
//! stands here.

use super::depth;
use super::shipper::{SpoolCounts, Work};
use crate::store::row::{Condition, Row, Value};
use crate::store::supabase::RemoteError;
use crate::store::table::{TABLES, Table};
use crate::store::{RowStore, Store, StoreError, connect};
use proptest::prelude::*;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What the second store does with the next rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    /// They never arrive.
    Away,
    /// They arrive, and the answer doesn't come back.
    AnswerLost,
    /// It will not have orders of an odd number.
    Picky,
}

/// A second store that is another local one behind its moods.
struct Moody {
    rows: Arc<Mutex<Store>>,
    mood: Arc<Mutex<Mood>>,
}

impl RowStore for Moody {
    fn name(&self) -> String {
        "moody".to_owned()
    }

    fn read(&self, table: &'static Table, conditions: &[Condition]) -> Result<Vec<Row>, StoreError> {
        self.rows.lock().expect("not poisoned").read(table, conditions)
    }

    fn last(
        &self,
        table: &'static Table,
        by: &'static str,
        conditions: &[Condition],
    ) -> Result<Option<Row>, StoreError> {
        self.rows.lock().expect("not poisoned").last(table, by, conditions)
    }

    fn upsert(&self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        let mood = *self.mood.lock().expect("not poisoned");
        let is_odd = |row: &Row| matches!(row.value("order_id"), Value::Integer(number) if number % 2 == 1);
        match mood {
            Mood::Away => return Err(fault()),
            Mood::Picky if rows.iter().any(is_odd) => {
                return Err(StoreError::Remote(RemoteError::RowsRefused {
                    store: "moody".to_owned(),
                    status: 400,
                    message: "an odd number".to_owned(),
                }));
            }
            _ => {}
        }
        self.rows.lock().expect("not poisoned").upsert(table, rows)?;
        if mood == Mood::AnswerLost { Err(fault()) } else { Ok(()) }
    }
}

fn fault() -> StoreError {
    StoreError::Remote(RemoteError::Unreachable { store: "moody".to_owned(), cause: "gone".to_owned() })
}

/// What happens.
#[derive(Debug, Clone, Copy)]
enum Happens {
    /// An order is added, or filled further.
    Order(u8),
    /// A fill comes.
    Fill(u8),
    Mood(Mood),
    Carry,
    /// The process is killed and started again.
    Kill,
}

fn happens() -> impl Strategy<Value = Happens> {
    let mood = prop_oneof![Just(Mood::Takes), Just(Mood::Away), Just(Mood::AnswerLost), Just(Mood::Picky)];
    prop_oneof![
        3 => (0_u8..12).prop_map(Happens::Order),
        3 => (0_u8..40).prop_map(Happens::Fill),
        2 => mood.prop_map(Happens::Mood),
        4 => Just(Happens::Carry),
        1 => Just(Happens::Kill),
    ]
}

/// Two stores and the shipping between them.
struct Scene {
    local: Store,
    second: Arc<Mutex<Store>>,
    mood: Arc<Mutex<Mood>>,
    _folders: [TempDir; 2],
}

impl Scene {
    fn new() -> Self {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let [local, second] = [0, 1].map(|at: usize| Store::open(folders[at].path()).expect("a store"));
        // Halts go by the name of the store they latched in.
        second
            .execute("UPDATE identity SET id = ?", [identity(&local)])
            .expect("both are told apart by nothing");
        local.spool_for("moody").expect("writable");
        local
            .execute(
                "INSERT INTO runs (id, kind, source, settings, started_at) VALUES ('r', 'paper', '', '', ?)",
                [TIME],
            )
            .expect("a run");
        let mood = Arc::new(Mutex::new(Mood::Takes));
        Self { local, second: Arc::new(Mutex::new(second)), mood, _folders: folders }
    }

    fn work(&self) -> Work {
        self.local.spool_for("moody").expect("writable");
        let target = Moody { rows: self.second.clone(), mood: self.mood.clone() };
        let counts = Arc::new(Mutex::new(SpoolCounts::default()));
        let connection = connect(self.local.path()).expect("a connection");
        Work::new(connection, Path::new("local"), Box::new(target), counts, None)
    }

    fn order(&self, number: u8) {
        let statement = "INSERT INTO orders (run_id, order_id, market_id, side, price, size, filled, purpose, state, \
             submitted_at, updated_at) VALUES ('r', ?1, 'M', 'bid', '0.850000', '10.00', '0.00', 'entry', 'resting', ?2, ?2) \
             ON CONFLICT DO UPDATE SET filled = printf('%.2f', CAST(filled AS REAL) + 1)";
        self.local.execute(statement, rusqlite::params![number, TIME]).expect("an order");
    }

    fn fill(&self, number: u8) {
        let statement = "INSERT INTO fills (run_id, trade_id, order_id, market_id, side, price, size, fee, is_taker, \
             purpose, timestamp) VALUES ('r', ?1, ?2, 'M', 'bid', '0.850000', '1.00', '0.010000', 1, 'entry', ?3) \
             ON CONFLICT DO NOTHING";
        let values = rusqlite::params![format!("t{number}"), number % 12, TIME];
        self.local.execute(statement, values).expect("a fill");
    }

    fn assert_equal(&self) {
        let second = self.second.lock().expect("not poisoned");
        for table in TABLES {
            let here = self.local.read(table, &[]).expect("readable");
            assert_eq!(here, second.read(table, &[]).expect("readable"), "{}", table.name);
        }
    }

    fn depth(&self) -> (i64, i64) {
        depth(&self.local.connection).expect("readable")
    }
}

const TIME: &str = "2026-11-24T12:00:00.000000Z";

fn identity(store: &Store) -> String {
    store.select("SELECT id FROM identity", [], |row| row.get(0)).expect("readable").remove(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_row_arrives_once_whatever_happens(story in prop::collection::vec(happens(), 1..60)) {
        let scene = Scene::new();
        let mut work = scene.work();
        for happens in story {
            match happens {
                Happens::Order(number) => scene.order(number),
                Happens::Fill(number) => scene.fill(number),
                Happens::Mood(mood) => *scene.mood.lock().expect("not poisoned") = mood,
                // What fails stays in the spool.
                Happens::Carry => drop(work.carry()),
                Happens::Kill => work = scene.work(),
            }
        }
        *scene.mood.lock().expect("not poisoned") = Mood::Takes;
        let mut work = scene.work();
        while work.carry().expect("it takes rows").is_some() {}
        prop_assert_eq!(scene.depth(), (0, 0));
        scene.assert_equal();
    }
}

#[test]
fn what_is_refused_waits_aside_and_the_rest_goes_on() {
    let scene = Scene::new();
    for number in 0..9 {
        scene.order(number);
        scene.fill(number);
    }
    *scene.mood.lock().expect("not poisoned") = Mood::Picky;
    let mut work = scene.work();
    while work.carry().expect("the others are taken").is_some() {}
    // Four orders and four fills have an odd number; the run, five orders and five fills are taken.
    assert_eq!(scene.depth(), (0, 8));
    assert_eq!(scene.second.lock().expect("not poisoned").read(TABLES[7], &[]).expect("readable").len(), 5);
}

#[test]
fn another_target_gets_everything_and_none_forgets_what_waited() {
    let scene = Scene::new();
    scene.order(1);
    assert_eq!(scene.depth().0, 2);
    scene.local.spool_for("another").expect("writable");
    assert_eq!(scene.depth().0, 2, "the run and the order, once");
    scene.local.stop_spooling().expect("writable");
    scene.order(2);
    assert_eq!(scene.depth(), (0, 0));
}
