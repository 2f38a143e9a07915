//! Configuration, as an operator meets it: layers, exact decimals, market overrides, secrets, and one report for all
//! faults.

use kalshi_bot::config::{
    self, AlertLevel, ConfigError, LogDestination, LogFormat, MailSecurity, Origin, Settings, Sources, schema,
};
use kalshi_bot::strategy::{EntryStyle, TakeProfitStyle};
use kalshi_bot::units::{Money, Price, Quantity, Ratio};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const HOUR: Duration = Duration::from_hours(1);

/// A directory with the given files, removed when dropped.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).expect("a file in it");
    }
    directory
}

fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn flags(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect()
}

/// The settings of a main file alone.
fn load_text(text: &str) -> Result<Settings, ConfigError> {
    let directory = directory(&[("my.toml", text)]);
    config::load(&Sources { file: Some(directory.path().join("my.toml")), ..Sources::default() })
}

/// The report on a main file, with the directory's name taken out.
fn report(files: &[(&str, &str)], sources: Sources) -> String {
    let directory = directory(files);
    let sources = Sources { file: Some(directory.path().join("my.toml")), ..sources };
    let error = config::load(&sources).expect_err("the file has faults").to_string();
    error.replace(&format!("{}/", directory.path().display()), "")
}

fn report_text(text: &str) -> String {
    report(&[("my.toml", text)], Sources::default())
}

fn report_flags(settings: &[(&str, &str)]) -> String {
    let sources = Sources { overrides: flags(settings), ..Sources::default() };
    config::load(&sources).expect_err("a flag is faulty").to_string()
}

#[test]
fn without_any_source_the_defaults_hold() {
    let settings = config::load(&Sources::default()).expect("the defaults are sound");
    let trading = &settings.trading;
    assert_eq!(trading.entry_threshold, Price::from_raw(850_000));
    assert_eq!(trading.profit_target, Ratio::from_raw(20_000));
    assert_eq!(trading.stop_loss, Ratio::from_raw(10_000));
    assert!(trading.widen_stop);
    assert!(!trading.hold_to_settlement);
    assert_eq!(trading.entry_style, EntryStyle::Taker);
    assert_eq!(trading.take_profit_style, TakeProfitStyle::Maker);
    assert_eq!(trading.maker_entry_lifetime, Duration::from_secs(30));
    assert_eq!(trading.stop_slippage, Price::from_raw(50_000));
    assert_eq!(trading.exit_before_close, Duration::from_mins(10));
    assert_eq!(trading.cooldown, Duration::from_mins(15));

    let markets = &settings.markets;
    assert_eq!(markets.categories, Vec::<String>::new(), "all");
    assert_eq!(markets.min_volume, Quantity::from_contracts(10_000));
    assert_eq!(markets.min_liquidity, Money::from_dollars(500));
    assert_eq!(markets.liquidity_reach, Price::from_raw(50_000));
    assert_eq!(markets.max_spread, Price::from_raw(20_000));
    assert_eq!((markets.min_time_to_close, markets.max_time_to_close), (HOUR, 24 * HOUR));

    let risk = &settings.risk;
    assert_eq!(risk.max_position_size, Ratio::from_raw(100_000));
    assert_eq!(risk.max_total_exposure, Ratio::from_raw(300_000));
    assert_eq!(risk.max_event_exposure, Ratio::from_raw(100_000));
    assert_eq!(risk.max_positions, 5);
    assert_eq!(risk.max_daily_loss, Ratio::from_raw(50_000));
    assert_eq!(risk.max_drawdown, Ratio::from_raw(150_000));
    assert_eq!(risk.max_consecutive_losses, 5);
    assert!(risk.circuit_breaker_enabled);
    assert_eq!(risk.max_feed_silence, Duration::from_secs(15));

    let paper = &settings.paper;
    assert_eq!(paper.capital, Money::from_dollars(10_000));
    assert_eq!(paper.latency, Duration::from_millis(25));
    assert_eq!((paper.markets, paper.length, paper.speed), (120, HOUR, Ratio::from_raw(60_000_000)));

    assert!(settings.api.use_demo);
    assert_eq!(settings.api.demo_base_url, "https://external-api.demo.kalshi.co/trade-api/v2");
    assert_eq!((settings.api.read_rate_limit_per_second, settings.api.write_rate_limit_per_second), (20, 10));
    assert_eq!(settings.api.timeout, Duration::from_secs(5));
    assert_eq!(settings.database.pool_size, 10);
    assert_eq!(settings.logging.level, tracing::Level::INFO);
    assert_eq!(
        (settings.logging.format, settings.logging.destination),
        (LogFormat::Auto, LogDestination::Stderr)
    );
    assert!(!settings.alerts.email.enabled);
    assert_eq!(
        (settings.alerts.email.smtp_host.as_str(), settings.alerts.email.smtp_port),
        ("smtp.gmail.com", 587)
    );
    let email = &settings.alerts.email;
    assert_eq!((email.security, email.min_level), (MailSecurity::StartTls, AlertLevel::Info));
    assert_eq!((email.max_mails, email.window, email.timeout), (10, HOUR / 6, Duration::from_secs(10)));
    assert_eq!((email.ca_file.as_ref(), email.username.as_str()), (None, ""));
    assert_eq!(settings.state.dir, None);
}

/// `default.toml` names the keys of the schema in its order, each under its meaning and its range.
#[test]
fn the_default_file_and_the_schema_agree() {
    let mut section = String::new();
    let mut comments = Vec::new();
    let mut found = Vec::new();
    for line in config::DEFAULT_TOML.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            comments.push(comment.to_owned());
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some((name, _)) = line.split_once(" = ") {
            let path = format!("{section}.{name}");
            let key = schema::find(&path).unwrap_or_else(|| panic!("{path} is not in the schema"));
            let allowed = key.kind.allowed();
            let (first, rest) = allowed.split_at(1);
            assert_eq!(comments.join(" "), format!("{} {}{rest}.", key.doc, first.to_uppercase()), "{path}");
            found.push(path);
        }
        comments.clear();
    }
    assert_eq!(found, schema::KEYS.iter().map(|key| key.path.to_owned()).collect::<Vec<_>>());
}

/// The commented-out tables of `markets.toml` would load as they stand.
#[test]
fn the_shipped_market_examples_are_sound() {
    let examples: String = config::MARKETS_TOML
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with('[') && line.ends_with(']') || line.contains(" = "))
        .fold(String::new(), |text, line| text + line + "\n");
    let directory = directory(&[("my.toml", ""), ("markets.toml", &examples)]);
    let settings =
        config::load(&Sources { file: Some(directory.path().join("my.toml")), ..Sources::default() });
    let settings = settings.expect("the examples are sound");
    let gold = settings.rules_for("KXGOLD15M", "Financials");
    assert_eq!(gold.filter.min_time_to_close, Duration::from_mins(3));
    assert_eq!(gold.parameters.exit_before_close, Duration::from_mins(1));
    assert!(settings.rules_for("KXHIGHDEN", "Climate and Weather").parameters.hold_to_settlement);
}

#[test]
fn the_secrets_example_names_every_variable_of_the_defaults() {
    let example = include_str!("../config/secrets.env.example");
    let named: Vec<&str> = example.lines().filter_map(|line| line.strip_suffix('=')).collect();
    let settings = config::load(&Sources::default()).expect("the defaults are sound");
    let mut missing: Vec<String> =
        settings.missing_secrets().into_iter().map(|missing| missing.name).collect();
    missing.sort();
    let mut expected = named.clone();
    expected.sort_unstable();
    assert_eq!(missing, expected);
}

#[test]
fn each_layer_beats_the_one_before() {
    let directory = directory(&[
        (
            "my.toml",
            "[trading]\nstop_loss = 0.02\nprofit_target = 0.03\nentry_threshold = 0.86\ncooldown_minutes = 1\n",
        ),
        ("markets.toml", "[series.KXA]\nstop_loss = 0.03\nprofit_target = 0.04\nentry_threshold = 0.87\n"),
    ]);
    let sources = Sources {
        file: Some(directory.path().join("my.toml")),
        environment: environment(&[
            ("KALSHI_BOT__TRADING__PROFIT_TARGET", "0.05"),
            ("kalshi_bot__trading__Entry_Threshold", "0.88"),
        ]),
        overrides: flags(&[("trading.entry_threshold", "0.5"), ("trading.entry_threshold", "0.89")]),
        ..Sources::default()
    };
    let settings = config::load(&sources).expect("all sound");
    let of_a = settings.rules_for("KXA", "Any").parameters;
    let of_b = settings.rules_for("KXB", "Any").parameters;
    assert_eq!(of_b.maker_entry_lifetime, Duration::from_secs(30), "default");
    assert_eq!(of_a.cooldown, Duration::from_mins(1), "file over default");
    assert_eq!(
        (of_b.stop_loss, of_a.stop_loss),
        (Ratio::from_raw(20_000), Ratio::from_raw(30_000)),
        "markets over file"
    );
    assert_eq!(
        (of_b.profit_target, of_a.profit_target),
        (Ratio::from_raw(50_000), Ratio::from_raw(50_000)),
        "environment"
    );
    assert_eq!(
        (of_b.entry_threshold, of_a.entry_threshold),
        (Price::from_raw(890_000), Price::from_raw(890_000)),
        "flag"
    );
    assert_eq!(settings.trading, of_b);

    let origin = |key: &str| settings.shown().into_iter().find(|one| one.key == key).map(|one| one.origin);
    assert!(matches!(origin("trading.stop_slippage"), Some(Origin::Default { .. })));
    assert!(matches!(origin("trading.stop_loss"), Some(Origin::File { line: Some(2), .. })));
    assert!(matches!(origin("series.KXA.stop_loss"), Some(Origin::File { line: Some(2), .. })));
    assert!(matches!(origin("trading.profit_target"), Some(Origin::Environment { .. })));
    assert_eq!(origin("trading.entry_threshold"), Some(Origin::Flag));
    assert_eq!(origin("series.KXA.entry_threshold"), None, "not in force");
}

#[test]
fn a_series_beats_a_category_and_case_does_not_matter() {
    let markets = "
        [category.Weather]
        max_spread = 0.03
        min_volume = 5
        [category.\"Climate and Weather\"]
        min_volume = 7.5
        [series.KXHIGHDEN]
        max_spread = 0.04
        time_to_event.max_hours = 48
        [series.KXHOUR.time_to_event]
        min_hours = 0.5
    ";
    let directory = directory(&[("elsewhere.toml", markets)]);
    let sources =
        Sources { markets_file: Some(directory.path().join("elsewhere.toml")), ..Sources::default() };
    let settings = config::load(&sources).expect("all sound");
    let both = settings.rules_for("kxhighden", "WEATHER").filter;
    assert_eq!(both.max_spread, Price::from_raw(40_000));
    assert_eq!(both.min_volume, Quantity::from_contracts(5));
    assert_eq!(both.max_time_to_close, 48 * HOUR);
    let category = settings.rules_for("KXOTHER", "climate and weather").filter;
    assert_eq!(
        (category.min_volume, category.max_spread),
        (Quantity::from_raw(750), Price::from_raw(20_000))
    );
    assert_eq!(settings.rules_for("KXHOUR", "").filter.min_time_to_close, HOUR / 2);
    assert_eq!(settings.rules_for("KXNONE", "").filter, settings.markets);
}

#[test]
fn decimals_are_read_exactly_whether_bare_or_quoted() {
    let settings = load_text(
        "[trading]\nprofit_target = 0.019999\nstop_loss = \"0.300001\"\nmaker_entry_lifetime_seconds = 1.000001\n\
         [markets]\nmin_volume = 12345678.91\nmax_spread = 0.0200000\ntime_to_event.min_hours = 0.333333\n\
         [paper]\ncapital = 999999999.999999\nlatency_ms = 0.125\nseed = 18446744073709551615\n",
    )
    .expect("all sound");
    assert_eq!(settings.trading.profit_target.raw(), 19_999);
    assert_eq!(settings.trading.stop_loss.raw(), 300_001);
    assert_eq!(settings.trading.maker_entry_lifetime, Duration::from_micros(1_000_001));
    assert_eq!(settings.markets.min_volume.raw(), 1_234_567_891);
    assert_eq!(settings.markets.max_spread.raw(), 20_000);
    assert_eq!(settings.markets.min_time_to_close, Duration::from_micros(333_333 * 3_600));
    assert_eq!(settings.paper.capital.raw(), 999_999_999_999_999);
    assert_eq!(settings.paper.latency, Duration::from_micros(125));
    assert_eq!(settings.paper.seed, u64::MAX);
}

#[test]
fn one_report_names_every_fault_with_its_line() {
    let text = r#"[trading]
entry_treshold = 0.85
profit_target = 1.5
stop_loss = "one per cent"
max_positions = 2.5
widen_stop = "maybe"
entry_style = "market"
[markets]
categories = []
max_spread = 0.0200001
time_to_event = 3
[api]
base_url = "http://api.example.com"
timeout =
[database]
key = 271828182845
[paper]
capital = 1e4
[series.KXA]
stop_loss = 0.02
"#;
    assert_eq!(
        report_text(text),
        r#"my.toml:2: trading.entry_treshold: no such key; did you mean trading.entry_threshold?
my.toml:3: trading.profit_target = 1.5: must lie between 0.001 and 0.5
my.toml:4: trading.stop_loss = "one per cent": must be a fraction from 0.001 to 0.9
my.toml:5: trading.max_positions = 2.5: must be a whole number from 1 to 1000
my.toml:6: trading.widen_stop = "maybe": must be true or false
my.toml:7: trading.entry_style = "market": must be one of taker, maker
my.toml:9: markets.categories = []: must name at least one category, or "all"
my.toml:10: markets.max_spread = 0.0200001: has more than 6 decimals
my.toml:11: markets.time_to_event: is a section of keys, not a value
my.toml:13: api.base_url = "http://api.example.com": must begin with https://: http is allowed to this machine alone
my.toml:14: not TOML: string values must be quoted, expected literal string
my.toml:16: database.key: must be a text (a secret, never printed)
my.toml:18: paper.capital = 1e4: must be an amount in dollars from 1 to 1000000000
my.toml:20: series.KXA.stop_loss: belongs in markets.toml"#
    );
}

#[test]
fn faults_of_all_sources_stand_in_one_report_in_their_order() {
    let sources = Sources {
        environment: environment(&[
            ("KALSHI_BOT__RISK__MAX_DAILY_LOSS", "5"),
            ("KALSHI_BOT__RISK__MAX_DAYLY_LOSS", "0.05"),
            ("KALSHI_BOT__DATABASE__POOL_SIZE", "ten"),
            ("KALSHI_BOT__DATABASE__pool_size", "10"),
            ("KALSHI_BOTANY", "not ours"),
        ]),
        overrides: flags(&[("paper.sed", "1"), ("paper.seed", "-1"), ("max_positions", "3")]),
        ..Sources::default()
    };
    let files = [
        ("my.toml", "[risk]\nmax_position_size = 0.1\n"),
        (
            "markets.toml",
            "[series.KXA]\nentry_treshold = 0.9\nmax_positions = 2\nmax_spread = 2\n[trading]\nstop_loss = 0.1\n",
        ),
    ];
    assert_eq!(
        report(&files, sources),
        "markets.toml:2: series.KXA.entry_treshold: no such key; did you mean series.KXA.entry_threshold?\n\
         markets.toml:3: series.KXA.max_positions: can't be set for one series or category; it holds in the main file alone\n\
         markets.toml:4: series.KXA.max_spread = 2: must lie between 0.0001 and 0.99\n\
         markets.toml:6: trading.stop_loss: belongs in the main file; this one holds [series.NAME] and [category.NAME] tables\n\
         my.toml:2: risk.max_position_size: no such key; did you mean trading.max_position_size?\n\
         environment KALSHI_BOT__DATABASE__POOL_SIZE: database.pool_size = ten: must be a whole number from 1 to 100\n\
         environment KALSHI_BOT__DATABASE__pool_size: database.pool_size: is also set by KALSHI_BOT__DATABASE__POOL_SIZE; keep one of the two\n\
         environment KALSHI_BOT__RISK__MAX_DAILY_LOSS: risk.max_daily_loss = 5: must lie between 0.0001 and 1\n\
         environment KALSHI_BOT__RISK__MAX_DAYLY_LOSS: risk.max_dayly_loss: no such key; did you mean KALSHI_BOT__RISK__MAX_DAILY_LOSS?\n\
         command line: paper.sed: no such key; did you mean paper.seed?\n\
         command line: paper.seed = -1: must be a whole number from 0 to 18446744073709551615\n\
         command line: max_positions: no such key; did you mean trading.max_positions?"
    );
}

#[test]
fn a_second_store_without_its_key_is_a_fault() {
    assert_eq!(
        report_text("[database]\nurl = \"https://example.supabase.co\"\n"),
        "environment SUPABASE_KEY: database.key: SUPABASE_KEY is not set, and database.url is set"
    );
}

#[test]
fn settings_that_contradict_each_other_are_faults() {
    assert_eq!(
        report_text(
            "[trading]\nentry_threshold = 0.99\nmax_position_size = 0.4\n\
             [markets.time_to_event]\nmin_hours = 24\n[alerts.email]\nenabled = true\nfrom_email = \"\"\n"
        ),
        "my.toml:2: trading.profit_target = 0.02: puts the target of an entry at trading.entry_threshold = 0.99 on 1.0098, and no price reaches 1.00\n\
         my.toml:3: trading.max_position_size = 0.4: must not exceed trading.max_total_exposure = 0.3\n\
         my.toml:5: markets.time_to_event.min_hours = 24: must be less than markets.time_to_event.max_hours = 24\n\
         my.toml:8: alerts.email.from_email: is empty, and alerts.email.enabled is true\n\
         environment ALERT_EMAIL_PASSWORD: alerts.email.password: ALERT_EMAIL_PASSWORD is not set, and alerts.email.enabled is true\n\
         environment ALERT_EMAIL_TO: alerts.email.to_email: ALERT_EMAIL_TO is not set, and alerts.email.enabled is true"
    );
    let markets = "[series.KXA]\ntime_to_event.min_hours = 0.1\n[category.B]\ntime_to_event.max_hours = 0.5\n[series.KXC]\nmin_volume = 1\n";
    assert_eq!(
        report(&[("my.toml", ""), ("markets.toml", markets)], Sources::default()),
        "markets.toml:2: trading.exit_before_close_minutes = 10: must be less than markets.time_to_event.min_hours = 0.1 (6 minutes), or positions would be sold as soon as bought\n\
         markets.toml:4: markets.time_to_event.min_hours = 1: must be less than markets.time_to_event.max_hours = 0.5"
    );
    load_text("[trading]\nentry_threshold = 0.99\nhold_to_settlement = true\n")
        .expect("held positions need no target");
    assert_eq!(
        report_text("[markets.time_to_event]\nmin_hours = \"soon\"\nmax_hours = 0.5\n"),
        "my.toml:2: markets.time_to_event.min_hours = \"soon\": must be a number of hours from 0 to 87600",
        "a key with a fault of its own is left out of the checks"
    );
}

#[test]
fn files_that_cannot_be_read_are_faults() {
    let directory = directory(&[("latin.toml", "")]);
    std::fs::write(directory.path().join("latin.toml"), [0xe9_u8]).expect("a file");
    let sources = Sources {
        file: Some(directory.path().join("absent.toml")),
        markets_file: Some(directory.path().join("latin.toml")),
        ..Sources::default()
    };
    let error = config::load(&sources).expect_err("neither can be read");
    let report = error.to_string();
    assert_eq!(error.faults.len(), 2, "{report}");
    assert!(report.contains("absent.toml: can't be read: "), "{report}");
    assert!(report.contains("latin.toml: can't be read: "), "{report}");
}

#[test]
fn every_syntax_fault_is_reported_beside_the_others() {
    let report = report_text("[trading\nstop_loss = 0.02\n[paper]\nhours = 0.5.5\nmarkets = 0\n");
    let lines: Vec<&str> = report.lines().collect();
    assert!(lines[0].starts_with("my.toml:1: not TOML: "), "{report}");
    assert!(lines.iter().any(|line| line.starts_with("my.toml:4: ")), "{report}");
    assert!(lines.contains(&"my.toml:5: paper.markets = 0: must lie between 1 and 10000"), "{report}");
}

#[test]
fn variables_in_strings_come_from_the_environment() {
    let directory = directory(&[(
        "my.toml",
        "[database]\nurl = \"https://${PROJECT}.example.com/\"\n[markets]\ncategories = [\"${FIRST}\", \"b\"]\n\
         [trading]\nprofit_target = \"${TARGET}\"\n[paper]\nseed = 7\n",
    )]);
    let mut sources = Sources { file: Some(directory.path().join("my.toml")), ..Sources::default() };
    sources.environment = environment(&[
        ("PROJECT", "abc"),
        ("FIRST", "${TARGET}"),
        ("TARGET", "0.04"),
        ("SUPABASE_KEY", "hunter2"),
    ]);
    let settings = config::load(&sources).expect("all sound");
    assert_eq!(settings.database.url, "https://abc.example.com");
    assert_eq!(settings.markets.categories, ["${TARGET}", "b"], "what is put in is not expanded again");
    assert_eq!(settings.trading.profit_target, Ratio::from_raw(40_000));
    assert_eq!(settings.database.key.expose_secret(), "hunter2");

    sources.environment = environment(&[("FIRST", "a"), ("TARGET", "")]);
    let report = config::load(&sources).expect_err("TARGET is empty").to_string();
    assert!(
        report.ends_with("my.toml:6: trading.profit_target = \"${TARGET}\": needs TARGET, which the environment doesn't have"),
        "{report}"
    );
    for text in ["${", "${}", "${A B}", "${1}", "x${UNCLOSED"] {
        let report = report_text(&format!("[state]\ndir = \"{text}\"\n"));
        assert!(report.ends_with("has a ${ without a variable's name and a } after it"), "{report}");
    }
}

#[test]
fn a_missing_secret_is_named_only_when_it_is_needed() {
    let settings = config::load(&Sources::default()).expect("nothing needs a secret yet");
    assert!(settings.database.url.is_empty());
    assert!(
        settings
            .missing_secrets()
            .iter()
            .any(|missing| missing.key == "database.key" && missing.name == "SUPABASE_KEY")
    );
    let error = settings
        .require(&["database.url", "database.key"], "trades are kept in Supabase")
        .expect_err("both missing");
    assert_eq!(
        error.to_string(),
        "environment SUPABASE_URL: database.url: SUPABASE_URL is not set, and trades are kept in Supabase\n\
         environment SUPABASE_KEY: database.key: SUPABASE_KEY is not set, and trades are kept in Supabase"
    );
    let sources = Sources { environment: environment(&[("SUPABASE_KEY", "hunter2")]), ..Sources::default() };
    config::load(&sources).expect("sound").require(&["database.key"], "it is needed").expect("it is there");
}

#[test]
fn mail_is_encrypted_unless_it_stays_on_this_machine() {
    let open = |host: &str| {
        format!(
            "[alerts.email]\nenabled = true\nsecurity = \"none\"\nsmtp_host = \"{host}\"\n\
                 from_email = \"a@example.com\"\nto_email = \"b@example.com\"\n"
        )
    };
    let settings = load_text(&open("127.0.0.1")).expect("a relay on this machine needs no password");
    assert_eq!(settings.needed_for_mail(), ["alerts.email.from_email", "alerts.email.to_email"]);
    assert_eq!(
        report_text(&open("mail.example.com")),
        "my.toml:4: alerts.email.security = none: is allowed to this machine alone, and alerts.email.smtp_host = mail.example.com"
    );
}

#[test]
fn secrets_are_printed_nowhere() {
    let secret = "correct-horse-battery";
    let directory = directory(&[("my.toml", &format!("[alerts.email]\npassword = \"{secret}\"\n"))]);
    let mut sources = Sources {
        file: Some(directory.path().join("my.toml")),
        environment: environment(&[("SUPABASE_KEY", secret), ("KALSHI_BOT__API__KEY_ID", secret)]),
        ..Sources::default()
    };
    let settings = config::load(&sources).expect("all sound");
    assert_eq!(settings.alerts.email.password.expose_secret(), secret);
    assert_eq!(settings.api.key_id.expose_secret(), secret);
    let json = serde_json::to_string(&settings.shown()).expect("JSON");
    for text in [format!("{settings:?}"), settings.show(), json] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(settings.show().contains("email.password = (set) "), "{}", settings.show());

    // In a fault neither, where it is, or may be, a secret: in the wrong place, and taken through a variable.
    let wrong = format!(
        "[alerts.email]\npassword = [\"{secret}\"]\npasword = \"{secret}\"\n\
         [database]\nurl = \"https://user:{secret}@db.example.com\"\n[api]\nbase_url = \"${{SUPABASE_KEY}}\"\n"
    );
    std::fs::write(directory.path().join("my.toml"), wrong).expect("a file");
    sources.overrides = flags(&[("alerts.email.pass", secret)]);
    let error = config::load(&sources).expect_err("five faults");
    assert_eq!(error.faults.len(), 5, "{error}");
    assert!(!format!("{error} {error:?}").contains(secret), "{error}");
}

#[test]
fn addresses_of_the_exchange_are_encrypted_or_local() {
    for (path, url) in [
        ("api.base_url", "https://api.example.com:8443/v2"),
        ("api.base_url", "http://localhost:8080"),
        ("api.base_url", "http://127.0.0.1:1/v2/"),
        ("api.websocket_url", "ws://[::1]:9000/ws"),
        ("api.websocket_url", "wss://stream.example.com"),
    ] {
        let sources = Sources { overrides: flags(&[(path, url)]), ..Sources::default() };
        let settings = config::load(&sources).unwrap_or_else(|error| panic!("{error}"));
        let taken = if path == "api.base_url" { &settings.api.base_url } else { &settings.api.websocket_url };
        assert_eq!(taken, url.trim_end_matches('/'));
    }
    for (path, url) in [
        ("api.base_url", "http://api.example.com"),
        ("api.base_url", "http://127.0.0.1.example.com"),
        ("api.base_url", "http://localhost.example.com"),
        ("api.base_url", "http://localhost\\@example.com"),
        ("api.base_url", "wss://api.example.com"),
        ("api.base_url", "https://"),
        ("api.base_url", "https://:443"),
        ("api.base_url", "https://host:99999"),
        ("api.base_url", "https://host:"),
        ("api.base_url", "https://host/?query"),
        ("api.base_url", "api.example.com"),
        ("api.base_url", ""),
        ("api.websocket_url", "ws://10.0.0.1"),
        ("api.websocket_url", "https://api.example.com"),
    ] {
        let report = report_flags(&[(path, url)]);
        assert!(report.starts_with(&format!("command line: {path}")), "{url}: {report}");
    }
}

#[test]
fn values_that_look_right_and_are_not_are_refused() {
    for (path, text) in [
        ("trading.profit_target", "2%"),
        ("trading.profit_target", "nan"),
        ("trading.profit_target", "+0.02"),
        ("trading.profit_target", ".02"),
        ("trading.profit_target", "0,02"),
        ("trading.stop_loss", "-0.01"),
        ("trading.stop_loss", "99999999999999999999"),
        ("trading.max_positions", "0x10"),
        ("trading.max_positions", ""),
        ("paper.latency_ms", "0.0001"),
        ("markets.min_volume", "1.005"),
        ("markets.categories", "all, Weather"),
        ("markets.categories", "Weather,,Sports"),
        ("alerts.email.from_email", "hunter2"),
        ("alerts.email.smtp_port", "0"),
        ("logging.level", "LOUD"),
        ("logging.modules", "debug"),
        ("logging.modules", "hyper=loud"),
        ("logging.keep_files", "0"),
        ("metrics.listen", "9464"),
        ("metrics.listen", "localhost:9464"),
        ("metrics.listen", "0.0.0.0:9464"),
        ("metrics.listen", "192.168.1.4:9464"),
    ] {
        let report = report_flags(&[(path, text)]);
        assert!(report.starts_with(&format!("command line: {path} = {text}: ")), "{report}");
    }
    for value in ["0x10", "2026-11-22", "[5]", "{ a = 5 }", "true", "+5", "5_0.0"] {
        report_text(&format!("[trading]\nmax_positions = {value}\n"));
    }
}

#[test]
fn what_is_shown_reads_back_as_the_same_settings() {
    let text = "[trading]\nstop_loss = 0.012345\nentry_style = \"MAKER\"\ncooldown_minutes = 0.5\n\
                [markets]\ncategories = [\"Climate and Weather\", \"a \\\"b\\\"\"]\nmin_volume = 0.5\n\
                [paper]\nseed = 18446744073709551615\nlatency_ms = 0.25\nspeed = 60\n[state]\ndir = \"/var/lib/my bot\"\n";
    let settings = load_text(text).expect("all sound");
    let shown = settings.show();
    let is_secret = |line: &&str| line.contains("= (not set)");
    let plain: String =
        shown.lines().filter(|line| !is_secret(line)).fold(String::new(), |text, line| text + line + "\n");
    let again = load_text(&plain).unwrap_or_else(|error| panic!("{error}\n{plain}"));
    let values = |settings: &Settings| -> Vec<(String, String)> {
        settings.shown().into_iter().map(|one| (one.key, one.value)).collect()
    };
    assert_eq!(values(&again), values(&settings));
    assert_eq!(
        (&again.trading, &again.markets, &again.paper),
        (&settings.trading, &settings.markets, &settings.paper)
    );

    // As JSON each value is the text that an override takes.
    let secret = |path: &str| schema::find(path).is_some_and(|key| key.kind == schema::Kind::Secret);
    let quotable = |(path, _): &(String, String)| !secret(path) && path != "markets.categories";
    let overrides: Vec<(String, String)> = values(&settings).into_iter().filter(quotable).collect();
    let set =
        config::load(&Sources { overrides, ..Sources::default() }).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((&set.trading, &set.risk, &set.paper), (&settings.trading, &settings.risk, &settings.paper));
}

#[test]
fn each_shown_value_says_where_it_comes_from() {
    let directory = directory(&[
        ("my.toml", "[risk]\n\nmax_drawdown = 0.2\n"),
        ("markets.toml", "[category.\"Climate and Weather\"]\nmin_volume = 1\n"),
    ]);
    let file = directory.path().join("my.toml");
    let settings = config::load(&Sources {
        file: Some(file.clone()),
        environment: environment(&[("KALSHI_BOT__PAPER__HOURS", "0.5")]),
        overrides: flags(&[("paper.markets", "3")]),
        ..Sources::default()
    })
    .expect("all sound");
    let shown = settings.show();
    let line = |start: &str| {
        let line =
            shown.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {shown}"));
        line.split_once("  # ")
            .map(|(setting, origin)| (setting.trim_end().to_owned(), origin.to_owned()))
            .expect("an origin")
    };
    let expected = |setting: &str, origin: &str| (setting.to_owned(), origin.to_owned());
    assert_eq!(line("max_drawdown"), expected("max_drawdown = 0.2", &format!("{}:3", file.display())));
    assert_eq!(line("hours"), expected("hours = 0.5", "environment KALSHI_BOT__PAPER__HOURS"));
    assert_eq!(line("markets ="), expected("markets = 3", "command line"));
    assert_eq!(line("capital"), expected("capital = \"10000\"", "default"));
    assert_eq!(line("key ="), expected("key = (not set)", "default, SUPABASE_KEY not set"));
    assert!(shown.contains("\n[category.\"Climate and Weather\"]\nmin_volume = 1 "), "{shown}");

    let json = serde_json::to_value(settings.shown()).expect("JSON");
    let of = |key: &str| json.as_array().and_then(|all| all.iter().find(|one| one["key"] == key)).cloned();
    let drawdown = serde_json::json!({
        "key": "risk.max_drawdown",
        "value": "0.2",
        "origin": { "source": "file", "path": file, "line": 3 },
    });
    assert_eq!(of("risk.max_drawdown"), Some(drawdown));
}

/// Something near a configuration: sections, keys and values, right and wrong, in any order.
fn near_toml() -> impl Strategy<Value = String> {
    let keys = schema::KEYS.iter().map(|key| key.path).collect::<Vec<_>>();
    let value = prop_oneof![
        "[0-9]{1,25}(\\.[0-9]{1,9})?",
        Just("true".to_owned()),
        Just("\"${HOME}\"".to_owned()),
        "\"[^\"\\\\\n]{0,12}\"",
        "\\PC{0,12}",
        Just("[[[1]], {a = 1}]".to_owned()),
    ];
    let line = prop_oneof![
        (prop::sample::select(keys), value).prop_map(|(key, value)| format!("{key} = {value}")),
        "\\[{0,2}(series|category|trading|[a-z.\"]{0,8})(\\.[A-Z]{1,4})?\\]{0,2}",
        "\\PC{0,30}",
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

fn load_both(directory: &Path) -> Result<Settings, ConfigError> {
    config::load(&Sources { file: Some(directory.join("my.toml")), ..Sources::default() })
}

proptest! {
    #[test]
    fn arbitrary_files_never_panic(main in near_toml(), markets in near_toml()) {
        let directory = directory(&[("my.toml", &main), ("markets.toml", &markets)]);
        if let Err(error) = load_both(directory.path()) {
            prop_assert!(!error.faults.is_empty());
            prop_assert!(error.to_string().lines().count() == error.faults.len(), "{}", error);
        }
    }

    #[test]
    fn arbitrary_variables_and_flags_never_panic(
        name in "(?i:kalshi_bot__)?\\PC{0,20}",
        key in prop::sample::select(schema::KEYS),
        text in "\\PC{0,40}",
        other in "\\PC{0,40}",
    ) {
        let sources = Sources {
            environment: BTreeMap::from([(name, text.clone())]),
            overrides: vec![(key.path.to_owned(), text.clone()), (other, text)],
            ..Sources::default()
        };
        if let Err(error) = config::load(&sources) {
            prop_assert!(!error.faults.is_empty());
        }
    }

    #[test]
    fn a_decimal_in_range_is_taken_as_it_stands(raw in 1_000_i64..=500_000) {
        let target = Ratio::from_raw(raw);
        let sources = Sources {
            overrides: flags(&[("trading.profit_target", &target.to_string()), ("trading.entry_threshold", "0.5")]),
            ..Sources::default()
        };
        prop_assert_eq!(config::load(&sources).map(|settings| settings.trading.profit_target), Ok(target));
    }
}
