//! A real mail server as a process of its own, with a certificate from an authority made for it.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Stands in no output, log or mail.
pub(crate) const PASSWORD: &str = "marked-secret-7f3a91";
pub(crate) const USER: &str = "bot@example.com";
pub(crate) const RECIPIENT: &str = "me@example.com";

/// An interpreter that has `aiosmtpd`. One that was named must have it, and so must the one of a full test run.
fn python() -> Option<String> {
    let named = std::env::var("KALSHI_BOT_TEST_PYTHON").ok().filter(|name| !name.is_empty());
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let tried = Command::new(&python).args(["-c", "import aiosmtpd"]).output();
    match tried {
        Ok(output) if output.status.success() => Some(python),
        _ if named.is_some() => panic!("{python} can't import aiosmtpd"),
        _ => {
            assert!(std::env::var_os("KALSHI_BOT_TEST_ALL").is_none(), "{python} can't import aiosmtpd");
            println!("skipped: {python} can't import aiosmtpd; name one with KALSHI_BOT_TEST_PYTHON");
            None
        }
    }
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    mails: Receiver<Value>,
    /// Mails that were read from it so far.
    pub(crate) taken: Vec<Value>,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    /// One that wants STARTTLS and a login, and does what `more` says beside; `None` where there is no Python.
    pub(crate) fn start(more: &Value) -> Option<Self> {
        Self::start_as(&["localhost"], more)
    }

    /// The same with a certificate for these names.
    pub(crate) fn start_as(names: &[&str], more: &Value) -> Option<Self> {
        let python = python()?;
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, key) = certify(folder.path(), names);
        let mut settings = json!({
            "user": USER,
            "password": PASSWORD,
            "certificate": certificate,
            "key": key,
        });
        for (name, value) in more.as_object().expect("an object") {
            settings[name] = value.clone();
        }
        settings.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/server.py");
        let mut process = Command::new(python)
            .args(["-W", "ignore", script])
            .arg(settings.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let first = lines.next().expect("it says when it is ready").expect("a line");
        let ready: Value = serde_json::from_str(&first).expect("JSON");
        let port = u16::try_from(ready["port"].as_u64().expect("a port")).expect("a port");
        let (told, mails) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mail = serde_json::from_str(&line).expect("JSON");
                if told.send(mail).is_err() {
                    return;
                }
            }
        });
        Some(Self { process, mails, taken: Vec::new(), port, folder })
    }

    /// Points a command at this server.
    pub(crate) fn address<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        point(command, "localhost", self.port).env("KALSHI_BOT__ALERTS__EMAIL__CA_FILE", self.authority())
    }

    /// The certificate of the authority behind its certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Waits until a mail has come whose subject contains `subject`.
    pub(crate) fn wait_for(&mut self, subject: &str) -> &Value {
        let until = Instant::now() + Duration::from_mins(2);
        loop {
            if let Some(at) = self.taken.iter().position(|mail| text(mail, "subject").contains(subject)) {
                return &self.taken[at];
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.mails.recv_timeout(left) {
                Ok(mail) => self.taken.push(mail),
                Err(error) => panic!("{error}: no mail {subject:?} among {:?}", self.subjects()),
            }
        }
    }

    /// Everything that has come by now: what the server took before is on its way through a pipe, and is waited for.
    pub(crate) fn all(mut self) -> Vec<Value> {
        let _ = self.process.kill();
        let _ = self.process.wait();
        while let Ok(mail) = self.mails.recv() {
            self.taken.push(mail);
        }
        std::mem::take(&mut self.taken)
    }

    fn subjects(&self) -> Vec<&str> {
        self.taken.iter().map(|mail| text(mail, "subject")).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Points a command at a mail server.
pub(crate) fn point<'a>(command: &'a mut Command, host: &str, port: u16) -> &'a mut Command {
    command
        .env("ALERT_EMAIL_FROM", USER)
        .env("ALERT_EMAIL_TO", RECIPIENT)
        .env("ALERT_EMAIL_PASSWORD", PASSWORD)
        .env("KALSHI_BOT__ALERTS__EMAIL__ENABLED", "true")
        .env("KALSHI_BOT__ALERTS__EMAIL__SMTP_HOST", host)
        .env("KALSHI_BOT__ALERTS__EMAIL__SMTP_PORT", port.to_string())
}

/// A field of a mail.
pub(crate) fn text<'a>(mail: &'a Value, field: &str) -> &'a str {
    mail[field].as_str().unwrap_or_else(|| panic!("{field} is missing in {mail}"))
}

/// A certificate for these names, and the authority it comes from; the paths of certificate and key.
fn certify(folder: &Path, names: &[&str]) -> (PathBuf, PathBuf) {
    let own_key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "An authority of this test");
    let root = authority.self_signed(&own_key).expect("a certificate");
    let issuer = Issuer::new(authority, own_key);
    let key = KeyPair::generate().expect("a key");
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let parameters = CertificateParams::new(names).expect("parameters");
    let certificate = parameters.signed_by(&key, &issuer).expect("a certificate");
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    write("authority.pem", root.pem());
    (write("certificate.pem", certificate.pem()), write("key.pem", key.serialize_pem()))
}
