//! The connection: encrypted and verified unless it stays on this machine.

use super::{Postgres, PostgresError, sorted};
use crate::config::Database;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use secrecy::ExposeSecret;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn connect(database: &Database) -> Result<Postgres, PostgresError> {
    let mut config = address(database.connection.expose_secret())?;
    let server = name(&config);
    let is_local = config.get_hosts().iter().all(is_local);
    let is_plain = is_local && matches!(config.get_ssl_mode(), SslMode::Disable | SslMode::Prefer);
    if !is_local && config.get_ssl_mode() == SslMode::Disable {
        return Err(PostgresError::Address(format!(
            "sslmode=disable would send the password to {server} in the clear; take it out"
        )));
    }
    config.connect_timeout(CONNECT_TIMEOUT).application_name("kalshi-bot migrate");
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| PostgresError::Unreachable { server: server.clone(), cause: error.to_string() })?;
    let connected = runtime.block_on(async {
        if is_plain {
            let (client, connection) = config.ssl_mode(SslMode::Disable).connect(NoTls).await?;
            tokio::spawn(connection);
            return Ok(Ok(client));
        }
        let tls = match trusted(database.ca_file.as_deref()) {
            Ok(roots) => MakeRustlsConnect::new(
                ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
            ),
            Err(error) => return Ok(Err(error)),
        };
        let (client, connection) = config.ssl_mode(SslMode::Require).connect(tls).await?;
        tokio::spawn(connection);
        Ok(Ok(client))
    });
    let client = connected.map_err(|error: tokio_postgres::Error| sorted(&server, &error))??;
    Ok(Postgres { server, schema: database.schema.clone(), client, runtime })
}

/// Reads the address. What is wrong with it is said without repeating it: it holds a password.
fn address(text: &str) -> Result<Config, PostgresError> {
    let config: Config = text.parse().map_err(|error: tokio_postgres::Error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        PostgresError::Address(format!(
            "isn't an address of PostgreSQL such as postgresql://USER:PASSWORD@HOST:5432/postgres ({cause}); \
             certificates go into database.ca_file"
        ))
    })?;
    if config.get_hosts().is_empty() {
        return Err(PostgresError::Address("names no host".to_owned()));
    }
    Ok(config)
}

/// Host and port of the first server, and the database.
fn name(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => String::new(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().or(config.get_user()).unwrap_or("postgres");
    format!("{host}:{port}/{database}")
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
    }
}

/// The system's certificates and those of the file.
fn trusted(file: Option<&Path>) -> Result<RootCertStore, PostgresError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = file {
        let unfit = |cause: String| PostgresError::Address(format!("{}: {cause}", path.display()));
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|error| unfit(format!("can't be read: {error}")))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unfit(format!("isn't PEM: {error}")))?;
            roots.add(certificate).map_err(|error| unfit(error.to_string()))?;
        }
    }
    Ok(roots)
}
