//! `migrate` on both stores: empty, current, old, altered, ahead, and taken.

use super::postgres::{Servers, key};
use super::sim::bot;
use serde_json::Value;
use std::process::Command;
use tempfile::TempDir;

/// The program with a state folder of its own and a direct connection.
struct Deploy {
    servers: Servers,
    folder: TempDir,
}

impl Deploy {
    fn new() -> Option<Self> {
        Some(Self { servers: Servers::start()?, folder: tempfile::tempdir().expect("a folder") })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bot(&["migrate", "--state-dir"]);
        command.arg(self.folder.path().join("state")).args(arguments);
        command
    }

    /// Migrates with a direct connection: exit code, standard output, standard error.
    fn direct(&self, arguments: &[&str]) -> (i32, String, String) {
        ended(self.command(arguments).env("DATABASE_URL", self.servers.connection()))
    }

    /// Migrates with the REST interface alone.
    fn rest(&self, arguments: &[&str]) -> (i32, String, String) {
        ended(self.command(arguments).envs(self.servers.rest_variables()))
    }

    /// What of the second store isn't as it should be.
    fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let mut all = vec!["--store", "supabase"];
        all.extend(arguments);
        let (code, _, err) = self.direct(&all);
        (code, err)
    }

    fn tables(&self) -> String {
        self.servers.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    }
}

fn ended(command: &mut Command) -> (i32, String, String) {
    let output = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(!out.contains("MARKED") && !err.contains("MARKED"), "the password is shown: {out}{err}");
    (output.status.code().expect("it ends by itself"), out, err)
}

#[test]
fn an_empty_database_is_shown_rehearsed_and_brought_up_once() {
    let Some(deploy) = Deploy::new() else { return };
    let (code, out, err) = deploy.direct(&["--status"]);
    assert_eq!(code, 1, "{err}");
    assert!(out.contains("lacks 4 migrations") && err.contains("kalshi-bot migrate"), "{out}{err}");

    let (code, out, err) = deploy.direct(&["--dry-run"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("4 migrations can be applied; nothing was changed"), "{out}");
    assert_eq!(deploy.tables(), "0");

    let (code, out, err) = deploy.direct(&[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(deploy.tables(), "18");

    let (code, out, _) = deploy.direct(&["--output", "json", "--status"]);
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(code, 0);
    for (store, name) in document["stores"].as_array().expect("a list").iter().zip(["local", "supabase"]) {
        assert_eq!((&store["store"], &store["outcome"]), (&name.into(), &"current".into()), "{store}");
        assert!(store["migrations"].as_array().expect("a list").iter().all(|one| one["state"] == "applied"));
    }
    // Once more changes nothing.
    let (code, out, _) = deploy.direct(&[]);
    assert!(code == 0 && out.contains("supabase") && !out.contains("applied:"), "{out}");
    assert_eq!(deploy.servers.sql("SELECT count(*) FROM refinery_schema_history"), "4");
}

#[test]
fn an_old_database_is_brought_up_and_a_script_does_the_same() {
    let Some(deploy) = Deploy::new() else { return };
    let (code, script, _) = deploy.direct(&["--print"]);
    assert_eq!(code, 0);
    let first = script.split("\n-- V2__").next().expect("a first migration");
    deploy.servers.sql(&format!("{first}\nCOMMIT;"));
    deploy.servers.sql(
        "INSERT INTO runs (id, kind, source, settings, started_at) VALUES ('old', 'paper', '', '', now())",
    );

    let (code, out, _) = deploy.direct(&["--status", "--store", "supabase"]);
    assert!(code == 1 && out.contains("lacks 3 migrations"), "{out}");
    // A script goes on from the version that it names, and from no other.
    let (_, from_two, _) = deploy.direct(&["--print", "--after", "2"]);
    let refused = deploy.servers.psql(&from_two);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the database stands at version 1"));
    let (_, rest, _) = deploy.direct(&["--print", "--after", "1"]);
    deploy.servers.sql(&rest);
    let (code, out, err) = deploy.direct(&["--status", "--store", "supabase"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(deploy.servers.sql("SELECT id FROM runs"), "old");

    deploy.servers.sql("DROP TABLE gates, results; DELETE FROM refinery_schema_history WHERE version >= 3");
    let (code, out, err) = deploy.direct(&["--store", "supabase"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(deploy.servers.sql("SELECT id FROM runs"), "old");
}

#[test]
fn what_is_not_this_programs_is_refused_by_name() {
    let Some(deploy) = Deploy::new() else { return };
    assert_eq!(deploy.direct(&["--store", "supabase"]).0, 0);
    let servers = &deploy.servers;

    servers.sql("INSERT INTO refinery_schema_history SELECT 99, 'later', applied_on, '1' FROM refinery_schema_history LIMIT 1");
    let (code, err) = deploy.refused(&[]);
    assert!(code == 7 && err.contains("V99__later.sql") && err.contains("newer"), "{err}");
    servers.sql("DELETE FROM refinery_schema_history WHERE version = 99");

    servers.sql("UPDATE refinery_schema_history SET checksum = '1' WHERE version = 2");
    for arguments in [&[][..], &["--dry-run"], &["--status"]] {
        let (code, err) = deploy.refused(arguments);
        assert!(code == 7 && err.contains("V2__live_account.sql"), "{arguments:?}: {err}");
    }
    servers.sql("DELETE FROM refinery_schema_history WHERE version = 2");
    assert_eq!(deploy.refused(&[]).0, 7, "a hole in the history");
}

#[test]
fn an_altered_table_is_named() {
    let Some(deploy) = Deploy::new() else { return };
    assert_eq!(deploy.direct(&["--store", "supabase"]).0, 0);
    deploy.servers.sql("ALTER TABLE trades ALTER COLUMN fees TYPE double precision");
    let (code, err) = deploy.refused(&["--status"]);
    assert!(code == 7 && err.contains("trades.fees is of type double precision"), "{err}");
    deploy.servers.sql("ALTER TABLE trades DROP COLUMN fees");
    let (code, err) = deploy.refused(&[]);
    assert!(code == 7 && err.contains("trades.fees is missing"), "{err}");
    let (code, _, err) = deploy.rest(&["--status", "--store", "supabase"]);
    assert!(code == 7 && err.contains("fees"), "{err}");
}

#[test]
fn two_deploys_cannot_migrate_at_once_and_a_failure_changes_nothing() {
    let Some(deploy) = Deploy::new() else { return };
    deploy.servers.hold(5_418_120_260_311);
    let (code, err) = deploy.refused(&[]);
    assert!(code == 1 && err.contains("another migration is under way"), "{err}");
    deploy.servers.let_go();

    // Something of that name is there already: the third migration fails, and takes the first two with it.
    deploy.servers.sql("CREATE VIEW results AS SELECT 1");
    let (code, err) = deploy.refused(&[]);
    assert!(code == 1 && err.contains("V3__reports.sql") && err.contains("Nothing was changed"), "{err}");
    assert_eq!(deploy.tables(), "0");
}

#[test]
fn the_rest_interface_shows_how_it_stands_and_leaves_the_rest_to_a_person() {
    let Some(deploy) = Deploy::new() else { return };
    let (code, _, err) = deploy.rest(&["--store", "supabase"]);
    assert!(code == 5 && err.contains("migrate --print"), "{err}");
    assert_eq!(deploy.rest(&["--store", "supabase", "--status"]).0, 1);
    assert_eq!(deploy.direct(&["--store", "supabase"]).0, 0);
    super::postgres::until("PostgREST has seen the tables", || {
        (deploy.rest(&["--store", "supabase", "--status"]).0 == 0).then_some(())
    });

    for role in [None, Some(key("anon")), Some(key("authenticated"))] {
        for table in
            ["trades", "runs", "halts", "logs", "exchange_orders", "gates", "refinery_schema_history"]
        {
            let (status, body) = deploy.servers.get(&format!("/{table}"), role.as_deref());
            assert!(matches!(status, 401 | 403), "{table} to {role:?}: {status} {body}");
        }
    }
    let service = key("service_role");
    assert_eq!(deploy.servers.get("/trades", Some(&service)), (200, "[]".to_owned()));
    let (status, _) = deploy.servers.request("DELETE", "/runs?id=eq.x", Some(&service), "");
    assert_eq!(status, 403, "the service role takes nothing away");
}

#[test]
fn wrong_addresses_passwords_and_keys_say_what_to_mend() {
    let Some(deploy) = Deploy::new() else { return };
    let with = |url: &str| ended(deploy.command(&["--store", "supabase"]).env("DATABASE_URL", url));
    let wrong = deploy.servers.connection().replace("MARKED", "MARKED-WRONG");
    let (code, _, err) = with(&wrong);
    assert!(code == 3 && err.contains("password authentication failed"), "{err}");
    let (code, _, err) = with("postgresql://postgres:MARKED@127.0.0.1:1/postgres");
    assert!(code == 4 && err.contains("127.0.0.1:1"), "{err}");
    let (code, _, err) = with("postgresql://postgres:MARKED@db.example.test:5432/postgres?sslmode=disable");
    assert!(code == 2 && err.contains("in the clear"), "{err}");
    let (code, _, err) = with("postgresql://postgres:MARKED@localhost/x?sslrootcert=/etc/ssl/ca.crt");
    assert!(code == 2 && err.contains("database.ca_file"), "{err}");

    let mut rest = deploy.command(&["--store", "supabase", "--status"]);
    rest.envs(deploy.servers.rest_variables()).env("SUPABASE_KEY", "MARKED.not.akey");
    let (code, _, err) = ended(&mut rest);
    assert!(code == 3 && err.contains("service key"), "{err}");
    let (code, _, err) = ended(&mut deploy.command(&["--store", "supabase"]));
    assert!(code == 2 && err.contains("SUPABASE_URL"), "{err}");
}

#[test]
fn an_encrypted_connection_needs_a_certificate_that_is_trusted() {
    let Some(deploy) = Deploy::new() else { return };
    let certificate = deploy.servers.encrypt();
    let url = deploy.servers.connection().replace("127.0.0.1", "localhost") + "?sslmode=require";
    let migrate = |ca_file: &str, url: &str| {
        let mut command = deploy.command(&["--store", "supabase"]);
        ended(command.env("DATABASE_URL", url).env("KALSHI_BOT__DATABASE__CA_FILE", ca_file))
    };
    let (code, _, err) = migrate("", &url);
    assert!(code == 4 && err.contains("UnknownIssuer") && err.contains("database.ca_file"), "{err}");
    let (code, _, err) = migrate("/nowhere/ca.pem", &url);
    assert!(code == 2 && err.contains("/nowhere/ca.pem"), "{err}");
    let file = certificate.display().to_string();
    let (code, _, err) = migrate(&file, &url.replace("localhost", "127.0.0.1"));
    assert!(code == 4 && err.contains("not valid for"), "a certificate of another name: {err}");
    let (code, _, err) = migrate(&file, &url);
    assert_eq!(code, 0, "{err}");
}

#[test]
fn the_local_store_is_brought_up_from_an_old_one_and_refused_when_it_is_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let migrate = |arguments: &[&str]| {
        let mut command = bot(&["migrate", "--store", "local", "--state-dir"]);
        ended(command.arg(folder.path()).args(arguments))
    };
    assert_eq!(migrate(&["--status"]).0, 1, "there is none yet");
    assert_eq!(migrate(&["--dry-run"]).0, 0);
    assert!(!folder.path().join("kalshi-bot.db").exists(), "a rehearsal leaves nothing");
    assert_eq!(migrate(&[]).0, 0);
    let database = rusqlite::Connection::open(folder.path().join("kalshi-bot.db")).expect("a database");
    let sql = |statements: &str| database.execute_batch(statements).expect("sound");

    // As it stood before the third migration, with a run in it.
    let triggers: Vec<String> = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .expect("sound")
        .query_map([], |row| row.get(0))
        .expect("readable")
        .collect::<Result<_, _>>()
        .expect("names");
    for trigger in triggers {
        sql(&format!("DROP TRIGGER {trigger}"));
    }
    sql(
        "DROP TABLE gates; DROP TABLE results; DROP TABLE identity; DROP TABLE spool_target; DROP TABLE spool; \
         DROP TABLE journal_mark; DELETE FROM refinery_schema_history WHERE version >= 3; \
         INSERT INTO runs (id, kind, source, settings, started_at) \
         VALUES ('old', 'paper', '', '', '2026-11-24T12:00:00.000000Z');",
    );
    let (code, out, _) = migrate(&["--status"]);
    assert!(code == 1 && out.contains("lacks 2 migrations"), "{out}");
    assert_eq!(migrate(&["--dry-run"]).0, 0);
    assert_eq!(migrate(&["--status"]).0, 1, "a rehearsal changes nothing");
    assert_eq!(migrate(&[]).0, 0);
    let kept: String = database.query_row("SELECT id FROM runs", [], |row| row.get(0)).expect("a run");
    assert_eq!((kept.as_str(), migrate(&["--status"]).0), ("old", 0));

    for (statements, words) in [
        ("UPDATE refinery_schema_history SET checksum = '1' WHERE version = 2", "V2__live_account.sql"),
        (
            "INSERT INTO refinery_schema_history SELECT 99, 'later', applied_on, checksum FROM before WHERE version = 3",
            "newer",
        ),
    ] {
        sql(&format!("CREATE TABLE before AS SELECT * FROM refinery_schema_history; {statements}"));
        for arguments in [&[][..], &["--status"], &["--dry-run"]] {
            let (code, _, err) = migrate(arguments);
            assert!(code == 7 && !err.is_empty(), "{statements}, {arguments:?}: {code} {err}");
        }
        assert!(migrate(&[]).2.contains(words), "{words}: {}", migrate(&[]).2);
        sql(
            "DELETE FROM refinery_schema_history; INSERT INTO refinery_schema_history SELECT * FROM before; \
             DROP TABLE before;",
        );
    }
    sql("ALTER TABLE trades DROP COLUMN fees");
    let (code, _, err) = migrate(&["--status"]);
    assert!(code == 7 && err.contains("fees"), "{err}");
}
