//! A real PostgreSQL with a real PostgREST before it, on free ports, in a folder of their own.
//!
//! `KALSHI_BOT_TEST_POSTGREST` names the PostgREST program; PostgreSQL is taken from where Debian puts it. Where one of
//! them is missing the test says so and is left out, unless `KALSHI_BOT_TEST_ALL` is set.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kalshi_bot::config::{self, Settings, Sources};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PASSWORD: &str = "MARKED-DATABASE-PASSWORD";
const JWT_SECRET: &str = "a secret of this test that is long enough for HS256";
const PATIENCE: Duration = Duration::from_mins(1);

/// A database server and the REST interface before it. Both end when this is dropped.
pub(crate) struct Servers {
    folder: TempDir,
    programs: PathBuf,
    postgrest: PathBuf,
    port: u16,
    rest_port: u16,
    rest: Option<Child>,
}

impl Servers {
    /// Starts both, with no table in the database; none where the programs are missing.
    pub(crate) fn start() -> Option<Self> {
        let (programs, postgrest) = (programs()?, postgrest()?);
        let folder = tempfile::Builder::new().prefix("kalshi-bot-pg").tempdir().expect("a folder");
        let mut servers =
            Self { folder, programs, postgrest, port: free_port(), rest_port: free_port(), rest: None };
        servers.initialise();
        servers.start_postgres();
        // As in a project of Supabase, where the gateway's login takes on the role that the key names.
        servers.sql(
            "CREATE ROLE anon NOLOGIN; CREATE ROLE authenticated NOLOGIN; CREATE ROLE service_role NOLOGIN; \
             CREATE ROLE authenticator LOGIN NOINHERIT PASSWORD 'authenticator'; \
             GRANT anon, authenticated, service_role TO authenticator; \
             ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role;",
        );
        servers.start_rest();
        Some(servers)
    }

    fn initialise(&self) {
        let password = self.folder.path().join("password");
        std::fs::write(&password, PASSWORD).expect("written");
        hand_over(self.folder.path());
        let cluster = self.cluster();
        self.as_postgres("initdb")
            .args([
                "--username=postgres",
                "--auth=scram-sha-256",
                "--no-sync",
                "--locale=C",
                "--encoding=UTF8",
            ])
            .arg(format!("--pwfile={}", password.display()))
            .arg(&cluster)
            .stdout(Stdio::null())
            .status()
            .map(|status| assert!(status.success(), "initdb"))
            .expect("initdb runs");
    }

    /// Starts the database and waits until it takes connections.
    pub(crate) fn start_postgres(&self) {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=40",
            self.port,
            self.folder.path().display()
        );
        let status = self
            .as_postgres("pg_ctl")
            .args(["start", "-w", "-s", "-t", "60", "-D"])
            .arg(self.cluster())
            .arg("-l")
            .arg(self.folder.path().join("postgres.log"))
            .args(["-o", &options])
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("pg_ctl runs").success(), "PostgreSQL starts");
    }

    /// Kills the database in the midst of whatever it does.
    pub(crate) fn kill_postgres(&self) {
        let status = self
            .as_postgres("pg_ctl")
            .args(["stop", "-m", "immediate", "-w", "-s", "-D"])
            .arg(self.cluster())
            .status();
        assert!(status.expect("pg_ctl runs").success(), "PostgreSQL stops");
    }

    /// Has the database encrypt connections, with a certificate for `localhost` that no system knows; the file of the
    /// certificate.
    pub(crate) fn encrypt(&self) -> PathBuf {
        let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let (certificate, key) =
            (self.folder.path().join("server.crt"), self.folder.path().join("server.key"));
        std::fs::write(&certificate, pair.cert.pem()).expect("written");
        std::fs::write(&key, pair.signing_key.serialize_pem()).expect("written");
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
        hand_over(&key);
        for (name, value) in
            [("ssl_cert_file", &certificate), ("ssl_key_file", &key), ("ssl", &PathBuf::from("on"))]
        {
            self.sql(&format!("ALTER SYSTEM SET {name} = '{}'", value.display()));
        }
        self.kill_postgres();
        self.start_postgres();
        certificate
    }

    /// Starts PostgREST and waits until it answers.
    pub(crate) fn start_rest(&mut self) {
        let conf = self.folder.path().join("postgrest.conf");
        let lines = format!(
            "db-uri = \"postgresql://authenticator:authenticator@127.0.0.1:{}/postgres\"\n\
             db-schemas = \"public\"\ndb-anon-role = \"anon\"\njwt-secret = \"{JWT_SECRET}\"\n\
             db-max-rows = 700\ndb-pool = 5\nserver-host = \"127.0.0.1\"\nserver-port = {}\n",
            self.port, self.rest_port
        );
        std::fs::write(&conf, lines).expect("written");
        let child =
            Command::new(&self.postgrest).arg(&conf).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.rest = Some(child.expect("PostgREST starts"));
        until("PostgREST answers", || {
            // Until its first look at the schema it answers 503.
            Some(self.get("/", None)).filter(|(status, _)| *status != 0 && *status != 503).map(drop)
        });
    }

    /// Kills PostgREST.
    pub(crate) fn kill_rest(&mut self) {
        if let Some(mut child) = self.rest.take() {
            child.kill().expect("it was running");
            child.wait().expect("it ends");
        }
    }

    /// The direct connection.
    pub(crate) fn connection(&self) -> String {
        format!("postgresql://postgres:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// Where PostgREST answers.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.rest_port)
    }

    /// The variables of a program that uses PostgREST with the service key.
    pub(crate) fn rest_variables(&self) -> [(&'static str, String); 3] {
        [
            ("SUPABASE_URL", self.url()),
            ("SUPABASE_KEY", key("service_role")),
            ("KALSHI_BOT__DATABASE__REST_PATH", "/".to_owned()),
        ]
    }

    /// The same as settings.
    pub(crate) fn settings(&self) -> Settings {
        let environment = self.rest_variables().into_iter().map(|(name, value)| (name.to_owned(), value));
        let sources = Sources { environment: environment.collect(), ..Sources::default() };
        config::load(&sources).expect("sound")
    }

    /// Runs SQL as the database's owner; what it prints, unaligned.
    pub(crate) fn sql(&self, statements: &str) -> String {
        let output = self.psql(statements);
        assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// `psql` with these statements.
    pub(crate) fn psql(&self, statements: &str) -> Output {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), statements).expect("written");
        Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.connection(), "-f"])
            .arg(file.path())
            .output()
            .expect("psql runs")
    }

    /// A session of its own that holds an advisory lock until [`Servers::let_go`].
    pub(crate) fn hold(&self, lock: i64) {
        let mut session = Command::new(self.programs.join("psql"));
        session.args(["-X", "-q", "-d", &self.connection(), "-c"]);
        session.arg(format!("SELECT pg_advisory_lock({lock}), pg_sleep(600)")).stdout(Stdio::null());
        let mut session = session.stderr(Stdio::null()).spawn().expect("psql runs");
        std::thread::spawn(move || session.wait());
        until("the lock is held", || (self.locks() != "0").then_some(()));
    }

    /// Ends the sessions that hold advisory locks.
    pub(crate) fn let_go(&self) {
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
        until("the lock is let go", || (self.locks() == "0").then_some(()));
    }

    fn locks(&self) -> String {
        self.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    }

    /// A request to PostgREST: status (0 where it doesn't answer) and body.
    pub(crate) fn get(&self, path: &str, key: Option<&str>) -> (u16, String) {
        self.request("GET", path, key, "")
    }

    /// Any request to PostgREST.
    pub(crate) fn request(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> (u16, String) {
        use std::io::{Read, Write};
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.rest_port)) else {
            return (0, String::new());
        };
        let authorization = key.map_or_else(String::new, |key| format!("Authorization: Bearer {key}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\n{authorization}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = String::new();
        let read = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_string(&mut answer));
        if read.is_err() {
            return (0, String::new());
        }
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    fn cluster(&self) -> PathBuf {
        self.folder.path().join("cluster")
    }

    /// One of PostgreSQL's programs, as a user that it lets run it.
    fn as_postgres(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
        command
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.kill_rest();
        let _ = self
            .as_postgres("pg_ctl")
            .args(["stop", "-m", "immediate", "-s", "-D"])
            .arg(self.cluster())
            .status();
    }
}

/// A key that lets its bearer take on this role.
pub(crate) fn key(role: &str) -> String {
    let part = |json: &str| BASE64_URL_SAFE_NO_PAD.encode(json);
    let text =
        format!("{}.{}", part(r#"{"alg":"HS256","typ":"JWT"}"#), part(&format!(r#"{{"role":"{role}"}}"#)));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, JWT_SECRET.as_bytes()), text.as_bytes());
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// Waits until there is something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "it took too long until {what}");
        std::thread::sleep(Duration::from_millis(25));
    }
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().or_else(|| missing("PostgreSQL's server isn't installed"))
}

fn postgrest() -> Option<PathBuf> {
    let named = std::env::var_os("KALSHI_BOT_TEST_POSTGREST").map(PathBuf::from);
    named.filter(|path| path.exists()).or_else(|| missing("KALSHI_BOT_TEST_POSTGREST names no PostgREST"))
}

fn missing(what: &str) -> Option<PathBuf> {
    assert!(std::env::var_os("KALSHI_BOT_TEST_ALL").is_none(), "{what}");
    println!("skipped: {what}");
    None
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// PostgreSQL doesn't run as root: its folder is given to its own user.
fn hand_over(folder: &Path) {
    if is_root() {
        let status = Command::new("chown").args(["-R", "postgres"]).arg(folder).status();
        assert!(status.expect("chown runs").success());
    }
}
