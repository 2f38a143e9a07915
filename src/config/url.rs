//! Which URLs credentials may be sent to: encrypted ones, and plain ones only to this machine.

use super::schema::Protocol;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Checks `text` and gives it back without a trailing slash.
///
/// # Errors
/// What is wrong, as the end of a sentence that begins with the key.
pub(super) fn check(protocol: Protocol, text: &str) -> Result<&str, String> {
    let (secure, plain) = match protocol {
        Protocol::Http => ("https", "http"),
        Protocol::WebSocket => ("wss", "ws"),
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(format!("must be a URL that begins with {secure}://"));
    };
    if !rest.bytes().all(is_url_byte) {
        return Err("must be a plain URL: host, port and path, without user, query or fragment".to_owned());
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return Err("must name a host".to_owned());
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("must have a port from 1 to 65535, or none".to_owned());
    }
    if scheme.eq_ignore_ascii_case(secure) || (scheme.eq_ignore_ascii_case(plain) && is_loopback(host)) {
        Ok(text.trim_end_matches('/'))
    } else if scheme.eq_ignore_ascii_case(plain) {
        Err(format!("must begin with {secure}://: {plain} is allowed to this machine alone"))
    } else {
        Err(format!("must begin with {secure}://"))
    }
}

/// Whether `text` may hold credentials, and so must not be quoted in a message.
pub(super) fn may_hold_credentials(text: &str) -> bool {
    text.contains('@')
}

const fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'[' | b']' | b'%')
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    let end_of_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[end_of_host..].find(':') {
        Some(colon) => (&authority[..end_of_host + colon], Some(&authority[end_of_host + colon + 1..])),
        None => (authority, None),
    }
}

/// Only what is certain without asking a resolver.
pub(super) fn is_loopback(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || v6.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()))
}

/// Whether a checked URL leads to this machine, by its name alone.
pub(super) fn names_this_machine(text: &str) -> bool {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    is_loopback(split_port(rest.split('/').next().unwrap_or_default()).0)
}
