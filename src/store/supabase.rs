//! The second store: Supabase, or any PostgreSQL behind PostgREST, spoken to over HTTPS with the project's service key.
//!
//! The `postgrest` crate builds the requests; what sends them is our own client, with time limits, a pool, and the
//! machine's certificates. Rows are upserted, so that a batch whose answer was lost is simply sent again. Calls block,
//! and are made by the thread that ships rows and by commands, never by what trades.

mod error;

pub use error::RemoteError;

use super::migration::Applied;
use super::row::{Condition, Row, Test};
use super::table::{Kind, TABLES, Table};
use super::{RowStore, StoreError};
use crate::config::Database;
use reqwest::header::{AUTHORIZATION, CONTENT_RANGE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Method, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value as Json};
use std::str::FromStr;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Rows asked for at once.
const PAGE: usize = 1_000;
/// How often a read is tried.
const READ_ATTEMPTS: u32 = 3;
/// How long to wait before the second attempt; twice as long before the next.
const READ_AGAIN: Duration = Duration::from_millis(250);
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take as a whole; a batch is small, but the other end may sleep.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// The gateway of Supabase reads the key from this header, PostgREST from `Authorization`.
const API_KEY: HeaderName = HeaderName::from_static("apikey");
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// Where the history of the migrations is.
const HISTORY: &str = "refinery_schema_history";

/// Rows of an answer as they came, and how many there are in all, where the answer says so.
type Rows = (Vec<Map<String, Json>>, Option<usize>);

/// A request that can be sent more than once.
struct Prepared {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A second store.
pub struct Supabase {
    /// Where it answers, without the tables' names.
    url: String,
    builder: postgrest::Postgrest,
    client: Client,
    /// The key, as both headers carry it.
    headers: HeaderMap,
    /// Gone only while this is dropped.
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for Supabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supabase").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Supabase {
    /// The store that the configuration names; `None` where it names none.
    ///
    /// # Errors
    /// [`RemoteError::Setup`] when the key can't be sent or the system gives no client.
    pub fn of_settings(database: &Database) -> Result<Option<Self>, RemoteError> {
        let url = database.url.trim_end_matches('/');
        if url.is_empty() {
            return Ok(None);
        }
        let path = database.rest_path.trim_matches('/');
        let url = if path.is_empty() { url.to_owned() } else { format!("{url}/{path}") };
        let setup = |what: String| RemoteError::Setup { store: url.clone(), cause: what };
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|error| setup(error.to_string()))?;
        let mut client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .pool_max_idle_per_host(database.pool_size as usize);
        for certificate in trusted(database).map_err(setup)? {
            client = client.add_root_certificate(certificate);
        }
        let client = client.build().map_err(|error| setup(error.to_string()))?;
        let headers = headers(&database.key)
            .map_err(|()| setup("database.key holds characters that no HTTP header may carry".to_owned()))?;
        let builder = postgrest::Postgrest::new(url.clone()).schema(&database.schema);
        Ok(Some(Self { url, builder, client, headers, runtime: Some(runtime) }))
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The migrations that were applied there; none where there is no history.
    ///
    /// # Errors
    /// [`RemoteError`] when it can't be read.
    pub(super) fn history(&self) -> Result<Vec<Applied>, RemoteError> {
        let columns = "version,name,applied_on,checksum";
        let rows = match self.get(self.builder.from(HISTORY).select(columns).order("version")) {
            Ok((rows, _)) => rows,
            Err(RemoteError::SchemaBehind { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let read = |row: &Map<String, Json>| {
            let text = |name: &str| row.get(name)?.as_str().map(str::to_owned);
            let version = i32::try_from(row.get("version")?.as_i64()?).ok()?;
            let (name, at, checksum) = (text("name")?, text("applied_on")?, text("checksum")?);
            Some(Applied { version, name, at, checksum })
        };
        rows.iter()
            .map(|row| read(row).ok_or_else(|| self.nonsense(&format!("a row of {HISTORY}: {row:?}"))))
            .collect()
    }

    /// Asks for one row of every table, which fails where a table or a column is missing.
    ///
    /// # Errors
    /// [`RemoteError::SchemaBehind`] for the first that is, and whatever else keeps it from being asked.
    pub fn check(&self) -> Result<(), RemoteError> {
        for table in TABLES {
            self.get(self.selection(table, &[]).limit(1))?;
        }
        Ok(())
    }

    /// A request for the rows that meet every condition.
    fn selection(&self, table: &'static Table, conditions: &[Condition]) -> postgrest::Builder {
        let mut request = self.builder.from(table.name).select(columns(table));
        for condition in conditions {
            request = match &condition.test {
                Test::From(at) => request.gte(condition.column, at.to_string()),
                Test::Before(at) => request.lt(condition.column, at.to_string()),
                Test::Among(texts) => request.in_(condition.column, texts.iter().map(|text| quoted(text))),
            };
        }
        request
    }

    /// The rows of an answer, and how many there are in all. Asks some times if need be.
    fn get(&self, request: postgrest::Builder) -> Result<Rows, RemoteError> {
        let request = self.prepare(request)?;
        let mut wait = READ_AGAIN;
        for _ in 1..READ_ATTEMPTS {
            match self.get_once(&request) {
                Err(error) if error.is_passing() => {
                    tracing::debug!(%error, "the second store is asked again");
                    std::thread::sleep(wait);
                    wait *= 2;
                }
                other => return other,
            }
        }
        self.get_once(&request)
    }

    fn get_once(&self, request: &Prepared) -> Result<Rows, RemoteError> {
        self.wait(async {
            let response = self.send(request).await?;
            let total = total(response.headers());
            let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
            let rows = serde_json::from_slice(&body)
                .map_err(|error| self.nonsense(&format!("an answer that is no list of rows: {error}")))?;
            Ok((rows, total))
        })
    }

    /// Takes over what the crate built, for our client to send.
    fn prepare(&self, request: postgrest::Builder) -> Result<Prepared, RemoteError> {
        let request = request
            .build()
            .build()
            .map_err(|error| RemoteError::Setup { store: self.url.clone(), cause: error.to_string() })?;
        let mut headers = self.headers.clone();
        for (name, value) in request.headers() {
            let name = HeaderName::from_bytes(name.as_str().as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
                headers.insert(name, value);
            }
        }
        Ok(Prepared {
            method: Method::from_bytes(request.method().as_str().as_bytes()).unwrap_or(Method::GET),
            url: request.url().as_str().to_owned(),
            headers,
            body: request.body().and_then(|body| body.as_bytes()).unwrap_or_default().to_vec(),
        })
    }

    async fn send(&self, request: &Prepared) -> Result<Response, RemoteError> {
        let response = self
            .client
            .request(request.method.clone(), &request.url)
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let body = response.text().await.unwrap_or_default();
        Err(RemoteError::of_answer(&self.url, status, &body))
    }

    fn wait<T>(&self, request: impl Future<Output = Result<T, RemoteError>>) -> Result<T, RemoteError> {
        let ended = || RemoteError::Setup { store: self.url.clone(), cause: "it has ended".to_owned() };
        self.runtime.as_ref().ok_or_else(ended)?.block_on(request)
    }

    fn unreachable(&self, error: &reqwest::Error) -> RemoteError {
        RemoteError::of_transport(&self.url, error)
    }

    fn nonsense(&self, what: &str) -> RemoteError {
        RemoteError::Nonsense { store: self.url.clone(), what: what.to_owned() }
    }
}

/// A runtime may not be waited for where others run.
impl Drop for Supabase {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl RowStore for Supabase {
    fn name(&self) -> String {
        format!("the database behind {}", self.url)
    }

    fn read(&self, table: &'static Table, conditions: &[Condition]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        loop {
            let from = rows.len();
            let request = self.selection(table, conditions).order(table.key.join(","));
            // In this order: the count sets a range of its own.
            let (page, total) = self.get(request.exact_count().range(from, from + PAGE - 1))?;
            let is_empty = page.is_empty();
            for object in &page {
                rows.push(Row::of_json(table, object)?);
            }
            // The server may have a smaller page in mind than was asked for.
            if is_empty || total.is_none_or(|total| rows.len() >= total) {
                return Ok(rows);
            }
        }
    }

    fn last(
        &self,
        table: &'static Table,
        by: &'static str,
        conditions: &[Condition],
    ) -> Result<Option<Row>, StoreError> {
        let request = self.selection(table, conditions).order(format!("{by}.desc")).limit(1);
        let (rows, _) = self.get(request)?;
        Ok(rows.first().map(|object| Row::of_json(table, object)).transpose()?)
    }

    fn upsert(&self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        let body = Json::Array(rows.iter().map(Row::to_json).collect()).to_string();
        let request = self.builder.from(table.name).upsert(body).on_conflict(table.key.join(","));
        let mut request = self.prepare(request)?;
        // The crate would have every row sent back.
        request
            .headers
            .insert(PREFER, HeaderValue::from_static("resolution=merge-duplicates,return=minimal"));
        self.wait(async { self.send(&request).await.map(drop) })?;
        Ok(())
    }
}

/// Certificates that are trusted beside the system's.
fn trusted(database: &Database) -> Result<Vec<Certificate>, String> {
    let Some(path) = &database.ca_file else { return Ok(Vec::new()) };
    let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Certificate::from_pem_bundle(&pem).map_err(|error| format!("{}: {error}", path.display()))
}

/// The key as both headers carry it, marked so that nothing prints it.
fn headers(key: &SecretString) -> Result<HeaderMap, ()> {
    let key = key.expose_secret();
    let sensitive = |text: &str| -> Result<HeaderValue, ()> {
        let mut value = HeaderValue::from_str(text).map_err(|_| ())?;
        value.set_sensitive(true);
        Ok(value)
    };
    Ok(HeaderMap::from_iter([
        (API_KEY, sensitive(key)?),
        (AUTHORIZATION, sensitive(&format!("Bearer {key}"))?),
    ]))
}

/// Every column, decimals as texts: as JSON numbers they would pass through floats.
fn columns(table: &Table) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| match column.kind {
            Kind::Decimal(_) => format!("{}::text", column.name),
            _ => column.name.to_owned(),
        })
        .collect();
    columns.join(",")
}

/// A text of a list of values.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What stands behind the slash of `0-999/1234`.
fn total(headers: &HeaderMap) -> Option<usize> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    usize::from_str(range.rsplit_once('/')?.1).ok()
}
