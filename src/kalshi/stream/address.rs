//! Which addresses the handshake, and with it the signature, may be sent to: encrypted ones, and plain ones on this
//! machine alone.

use super::StreamError;
use std::net::IpAddr;
use tokio_tungstenite::tungstenite::http::Uri;

/// The address, if it may be used.
pub(super) fn check(url: &str) -> Result<Uri, StreamError> {
    let refused = |problem: &str| {
        // An address with a user in it may hold a password.
        let url = if url.contains('@') { "the stream's address".to_owned() } else { url.to_owned() };
        StreamError::Address { url, problem: problem.to_owned() }
    };
    let uri: Uri = url.parse().map_err(|_| refused("it is not a URL"))?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| refused("it names no host"))?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(refused("it must not carry a user or a password"));
    }
    match uri.scheme_str() {
        Some("wss") => Ok(uri),
        Some("ws") if is_this_machine(host) => Ok(uri),
        Some("ws") => Err(refused("it must begin with wss://: ws is allowed to this machine alone")),
        _ => Err(refused("it must begin with wss://")),
    }
}

/// Only what is certain without asking a resolver.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_address_leads_to_this_machine_or_nowhere() {
        for url in [
            "wss://api.example.com/trade-api/ws/v2",
            "ws://127.0.0.1:9/ws",
            "ws://localhost:9",
            "ws://[::1]:9/x",
        ] {
            assert!(check(url).is_ok(), "{url}");
        }
        for url in [
            "ws://api.example.com/ws",
            "ws://127.0.0.1.example.com/ws",
            "https://api.example.com",
            "api.example.com",
            "/ws",
            "",
        ] {
            let error = check(url).expect_err(url).to_string();
            assert!(error.contains("wss://") || error.contains("host") || error.contains("URL"), "{error}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let error = check("wss://me:hush@api.example.com/ws").expect_err("it has a user").to_string();
        assert!(!error.contains("hush"), "{error}");
    }
}
