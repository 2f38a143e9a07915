//! `kalshi-bot alerts test`: every step on the way, and what mends the one that fails.

use super::server::{PASSWORD, RECIPIENT, Server, USER, point, text};
use super::sim::{Said, bot, said};
use kalshi_bot::alert::{Attachment, Level, Mail, send};
use kalshi_bot::config::{self, Sources};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::Command;

/// The command with everything it can log.
fn test() -> Command {
    bot(&["alerts", "test", "-vvv"])
}

/// Runs it; the password must be nowhere.
fn tried(command: &mut Command) -> Said {
    let said = said(command);
    assert!(!format!("{}{}", said.stdout, said.stderr).contains(PASSWORD), "{said:#?}");
    said
}

/// Asserts how it ended, with words of the step that failed and of what mends it.
fn fails(said: Said, code: i32, step: &str, words: &[&str]) {
    let said = said.ended(code);
    let failed = said.stdout.split("fail  ").nth(1).unwrap_or_else(|| panic!("nothing failed: {said:#?}"));
    assert!(failed.starts_with(step) && failed.contains("next: "), "{step}: {failed}");
    for word in words {
        assert!(failed.contains(word), "{word:?} is missing: {failed}");
    }
}

#[test]
fn a_test_mail_arrives_in_both_forms() {
    let Some(mut server) = Server::start(&json!({})) else { return };
    let said = tried(server.address(&mut test()).args(["--output", "json"])).ended(0);
    let document = said.document();
    assert_eq!(document["sound"], true);
    let steps: Vec<&str> =
        document["checks"].as_array().expect("a list").iter().map(|check| text(check, "name")).collect();
    assert_eq!(
        steps,
        ["settings", "dns", "connect", "encryption", "login", "sender", "recipient", "content"]
    );
    let mail = server.wait_for("Test mail");
    assert_eq!(mail["subject"], "[INFO] HFT Bot - Test mail");
    assert_eq!((&mail["from"], &mail["to"]), (&json!(USER), &json!([RECIPIENT])));
    assert_eq!(
        (&mail["kind"], &mail["encrypted"], &mail["user"]),
        (&json!("multipart/alternative"), &json!(true), &json!(USER))
    );
    assert_eq!(mail["headers"]["Auto-Submitted"], "auto-generated");
    let parts = &mail["parts"];
    assert!(text(parts, "text/plain").contains("This is a test."), "{parts}");
    assert!(text(parts, "text/html").contains("This is a test."), "{parts}");
    assert!(!mail.to_string().contains(PASSWORD));
}

#[test]
fn a_ready_made_mail_arrives_with_what_is_attached() {
    let Some(mut server) = Server::start(&json!({})) else { return };
    let set = |key: &str, value: &str| (format!("alerts.email.{key}"), value.to_owned());
    let overrides = vec![
        set("smtp_host", "localhost"),
        set("smtp_port", &server.port.to_string()),
        set("ca_file", server.authority().to_str().expect("a plain path")),
        set("from_email", USER),
        set("to_email", RECIPIENT),
        set("password", PASSWORD),
    ];
    let settings = config::load(&Sources { overrides, ..Sources::default() }).expect("sound").alerts.email;
    let mail = Mail {
        level: Level::Info,
        title: "Daily summary 2026-11-24".to_owned(),
        text: "Lost 12.35 over 4 trades – no interval without zero.\n".to_owned(),
        html: Some("<p>Lost 12.35</p>".to_owned()),
        attachments: vec![Attachment {
            name: "trades.csv".to_owned(),
            media_type: "text/csv".to_owned(),
            content: b"id,net\n1,-12.35\n".to_vec(),
        }],
    };
    send(&settings, &mail).expect("the server takes it");
    let taken = server.wait_for("Daily summary");
    assert_eq!(taken["subject"], "[INFO] HFT Bot - Daily summary 2026-11-24");
    assert_eq!(taken["kind"], "multipart/mixed");
    let parts = &taken["parts"];
    assert_eq!(text(parts, "text/plain").trim_end(), mail.text.trim_end());
    assert!(text(parts, "text/html").contains("<p>Lost 12.35</p>"), "{parts}");
    assert_eq!(text(parts, "text/csv").replace("\r\n", "\n"), "id,net\n1,-12.35\n");
}

#[test]
fn a_server_that_speaks_tls_from_the_first_byte_is_spoken_to_so() {
    let Some(mut server) = Server::start(&json!({"tls": true})) else { return };
    let security = ("KALSHI_BOT__ALERTS__EMAIL__SECURITY", "tls");
    tried(server.address(&mut test()).env(security.0, security.1)).ended(0);
    assert_eq!(server.wait_for("Test mail")["encrypted"], true);
}

#[test]
fn a_server_on_this_machine_may_do_without_encryption_and_login() {
    let plain = json!({"user": null, "password": null, "certificate": null, "key": null});
    let Some(mut server) = Server::start(&plain) else { return };
    let mut command = test();
    server
        .address(&mut command)
        .env("KALSHI_BOT__ALERTS__EMAIL__SECURITY", "none")
        .env_remove("ALERT_EMAIL_PASSWORD");
    tried(&mut command).ended(0);
    assert_eq!(server.wait_for("Test mail")["user"], Value::Null);
    // The same server is no place for a password over STARTTLS.
    fails(tried(server.address(&mut test())), 4, "encryption", &["doesn't offer STARTTLS", "465"]);
}

#[test]
fn a_wrong_password_is_said_and_not_repeated() {
    let Some(server) = Server::start(&json!({"password": "another", "echo": true})) else { return };
    let said = tried(server.address(&mut test()));
    fails(said, 3, "login", &["535", "(the password)", "alerts.email.password"]);
    assert_eq!(server.all(), Vec::<Value>::new());
}

#[test]
fn a_server_nobody_stands_behind_gets_no_password() {
    let Some(server) = Server::start(&json!({})) else { return };
    let said = tried(server.address(&mut test()).env_remove("KALSHI_BOT__ALERTS__EMAIL__CA_FILE"));
    fails(said, 4, "encryption", &["UnknownIssuer", "alerts.email.ca_file", "ca-certificates"]);
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let Some(server) = Server::start_as(&["mail.example.com"], &json!({})) else { return };
    let said = tried(server.address(&mut test()));
    fails(said, 4, "encryption", &["isn't for localhost", "alerts.email.smtp_host"]);
}

#[test]
fn refusals_of_sender_and_recipient_are_told_apart() {
    let refused = [
        ("MAIL", "553 5.7.1 not your address", "sender", "alerts.email.from_email"),
        ("RCPT", "550 5.1.1 no such user here", "recipient", "alerts.email.to_email"),
        ("RCPT", "451 4.7.1 greylisted", "recipient", "later"),
    ];
    for (command, answer, step, word) in refused {
        let Some(server) = Server::start(&json!({"refuse": {command: answer}})) else { return };
        fails(tried(server.address(&mut test())), 1, step, &[&answer[..3], word]);
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    // A port that was free a moment ago.
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let said = tried(point(&mut test(), "127.0.0.1", port));
    fails(said, 4, "connect", &[&format!("127.0.0.1:{port} refuses"), "smtp_port"]);
    let said = tried(point(&mut test(), "no-such-host.invalid", 587));
    fails(said, 4, "dns", &["no-such-host.invalid has no address", "smtp_host"]);
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for_longer_than_set() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let said = tried(point(&mut test(), "127.0.0.1", port).env("KALSHI_BOT__ALERTS__EMAIL__TIMEOUT", "1"));
    fails(said, 4, "connect", &["didn't answer within 1 s", "587", "firewall"]);
}

#[test]
fn what_is_missing_is_a_fault_of_the_configuration() {
    let missing = ["ALERT_EMAIL_FROM", "ALERT_EMAIL_TO", "ALERT_EMAIL_PASSWORD"];
    let mut command = test();
    for name in missing {
        command.env_remove(name);
    }
    let said = tried(&mut command).ended(2);
    for name in missing {
        assert!(said.stderr.contains(&format!("{name} is not set")), "{}", said.stderr);
    }
    let mut command = test();
    point(&mut command, "mail.example.com", 25).env("KALSHI_BOT__ALERTS__EMAIL__SECURITY", "none");
    let said = tried(&mut command).ended(2);
    assert!(said.stderr.contains("allowed to this machine alone"), "{}", said.stderr);
    let mut command = test();
    point(&mut command, "localhost", 25).env("KALSHI_BOT__ALERTS__EMAIL__CA_FILE", "nowhere/authority.pem");
    fails(tried(&mut command), 2, "settings", &["alerts.email.ca_file = nowhere/authority.pem"]);
}
