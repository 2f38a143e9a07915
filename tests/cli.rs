//! What a person or a script meets at the shell: help, mistakes, exit codes, completions.

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use std::fs;
use std::process::Output;

/// The program, without what this environment may set for it.
fn bot() -> Command {
    let mut command = cargo_bin_cmd!("kalshi-bot");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_uppercase().starts_with("KALSHI_BOT") {
            command.env_remove(name);
        }
    }
    command.env_remove("COLUMNS");
    command
}

fn run(arguments: &[&str]) -> Output {
    bot().args(arguments).output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn help(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn help_lists_the_commands_and_the_exit_codes() {
    insta::assert_snapshot!(help(&["--help"]));
}

#[test]
fn help_of_paper_has_examples() {
    insta::assert_snapshot!(help(&["paper", "--help"]));
}

#[test]
fn help_of_config_check_has_examples() {
    insta::assert_snapshot!(help(&["config", "check", "--help"]));
}

#[test]
fn help_of_every_operator_command_has_examples() {
    for command in [
        &["markets", "scan"][..],
        &["markets", "show"],
        &["orders", "list"],
        &["orders", "cancel"],
        &["cancel-all"],
        &["positions"],
        &["balance"],
        &["fills"],
        &["flatten"],
    ] {
        let text = help(&[command, &["--help"]].concat());
        let example = format!("\n  kalshi-bot {}", command.join(" "));
        assert!(text.contains("Examples:") && text.contains(&example), "{command:?}: {text}");
    }
}

#[test]
fn a_misspelt_command_gets_a_suggestion() {
    let output = run(&["papr"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("'paper'"), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
}

#[test]
fn mistakes_of_usage_exit_with_2() {
    for arguments in [
        &[][..],
        &["paper", "--sed", "7"],
        &["paper", "--seed", "seven"],
        &["paper", "--speed", "0"],
        &["paper", "--for", "soon"],
        &["paper", "--capital", "-5"],
        &["paper", "--markets", "0"],
        &["paper", "--seed", "7", "--replay", "somewhere"],
        &["paper", "--output", "xml"],
        &["config"],
        &["completions", "tcsh"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert!(!stderr(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_built_in_configuration_is_sound() {
    let output = run(&["config", "check"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).starts_with("The configuration is sound: the built-in defaults."),
        "{}",
        stdout(&output)
    );
}

#[test]
fn every_fault_of_a_configuration_is_reported_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("faulty.toml");
    fs::write(&file, "[trading]\nstop_los = 0.01\nentry_threshold = 1.5\n").expect("the file is written");
    let path = file.to_str().expect("a path in text");

    let output = run(&["config", "check", "--config", path]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
    let said = stderr(&output);
    assert!(said.starts_with("error: the configuration has 2 faults\n  cause: "), "{said}");
    assert!(said.contains("faulty.toml:2: trading.stop_los") && said.contains("trading.stop_loss"), "{said}");
    assert!(said.contains("faulty.toml:3: trading.entry_threshold = 1.5"), "{said}");
    assert!(said.contains("\n  next:  "), "{said}");

    let output = run(&["config", "check", "--config", path, "--output", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let verdict: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("one document");
    assert_eq!(verdict["sound"], false);
    assert_eq!(verdict["faults"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let output = run(&["paper", "--config", "/nowhere/at/all.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("/nowhere/at/all.toml: can't be read"), "{}", stderr(&output));
}

#[test]
fn the_configuration_in_force_can_be_shown() {
    let output = bot()
        .args(["config", "show", "--output", "json"])
        .env("KALSHI_BOT__TRADING__STOP_LOSS", "0.015")
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("one document");
    let of = |key: &str| shown.as_array().and_then(|all| all.iter().find(|one| one["key"] == key)).cloned();
    let stop = of("trading.stop_loss").expect("the key is shown");
    assert_eq!(stop["value"], "0.015");
    assert_eq!(stop["origin"]["name"], "KALSHI_BOT__TRADING__STOP_LOSS");
    assert!(stdout(&run(&["config", "show"])).contains("stop_loss = "));
}

#[test]
fn the_completions_kept_beside_the_source_are_current() {
    for (shell, file) in [("bash", "kalshi-bot.bash"), ("zsh", "_kalshi-bot"), ("fish", "kalshi-bot.fish")] {
        let path = format!("{}/completions/{file}", env!("CARGO_MANIFEST_DIR"));
        let kept = fs::read_to_string(&path).expect("the file is there");
        let current = help(&["completions", shell]);
        assert!(
            kept == current,
            "{file} is out of date: `kalshi-bot completions {shell} > completions/{file}`"
        );
    }
}

#[test]
fn a_paper_run_as_json_is_one_document_and_the_same_again() {
    let arguments = ["paper", "--seed", "7", "--for", "3m", "--speed", "max", "--output", "json"];
    let first = run(&arguments);
    assert!(matches!(first.status.code(), Some(0 | 6)), "{}", stderr(&first));
    let document: serde_json::Value = serde_json::from_str(&stdout(&first)).expect("one document");
    assert_eq!(document["run"]["seed"], 7);
    assert_eq!(document["run"]["speed"], "max");
    assert!(document["frames"]["decoded"].as_u64() > Some(0), "{document}");
    assert_eq!(stdout(&run(&arguments)), stdout(&first));
}

#[test]
fn a_reader_that_leaves_ends_the_run_quietly() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("kalshi-bot"))
        .args(["paper", "--seed", "7", "--for", "8h", "--speed", "1"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Without a reader the first line can't be written, and the run of eight hours ends at once.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

/// What a unit of systemd starts is a command that there is, with flags that it takes.
#[test]
fn units_start_commands_that_exist() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy");
    let mut started = 0;
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let text = fs::read_to_string(&entry).expect("text");
        for line in text.lines().filter_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/kalshi-bot "))
        {
            let arguments: Vec<&str> = line.split_whitespace().chain(["--help"]).collect();
            let output = run(&arguments);
            assert_eq!(output.status.code(), Some(0), "{}: {}", entry.display(), stderr(&output));
            started += 1;
        }
    }
    assert!(started > 0, "no unit starts anything");
}
