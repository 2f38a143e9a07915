//! Whether the exchange takes the key, what it allows the account, and whether the clocks agree.

use crate::checks::{Check, Report};
use crate::exit::{ExitCode, Failure};
use kalshi_bot::config::Settings;
use kalshi_bot::config::exchange::{Exchange, ExchangeKind};
use kalshi_bot::kalshi::credentials::Credentials;
use kalshi_bot::kalshi::error::{ApiError, Refusal};
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::transport::{Transport, TransportSettings};
use std::sync::Arc;

/// Clocks further apart than this, in milliseconds, are worth mending.
const SKEW_TO_MEND: u64 = 1_000;
/// Clocks further apart than this soon get signatures refused.
const SKEW_TOO_LARGE: u64 = 5_000;

/// Asks the exchange for the account's limits, which it tells only to whom it knows.
pub(super) fn check(
    settings: &Settings,
    credentials: Credentials,
    report: &mut Report,
) -> Result<(), Failure> {
    let exchange = settings.api.exchange();
    let found = format!("{}, {}", exchange.kind.as_str(), exchange.rest);
    report.push(Check::ok("exchange", found));
    let transport = Transport::new(TransportSettings {
        base_url: exchange.rest.clone(),
        credentials: Some(Arc::new(credentials)),
        timeout: settings.api.timeout,
        reads_per_second: settings.api.read_rate_limit_per_second,
        writes_per_second: settings.api.write_rate_limit_per_second,
    });
    let client = match transport {
        Ok(transport) => Client::new(transport),
        Err(fault) => {
            report.push(refused(&fault, &exchange));
            return Ok(());
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        let next = "check the limits on open files, or use --offline; nothing was sent";
        Failure::new(ExitCode::Failed, "requests can't be run", error, next)
    })?;
    match runtime.block_on(client.account_limits()) {
        Ok(limits) => {
            report.push(Check::ok("credentials", "the exchange takes the key".to_owned()));
            let found = format!(
                "tier {}: {} tokens a second to read with (at most {}), {} to write with (at most {})",
                limits.usage_tier,
                limits.read.refill_rate,
                limits.read.bucket_capacity,
                limits.write.refill_rate,
                limits.write.bucket_capacity
            );
            report.push(Check::ok("limits", found));
        }
        Err(fault) => report.push(refused(&fault, &exchange)),
    }
    if let Some(skew) = client.transport().clock_skew() {
        report.push(clock(skew));
    }
    Ok(())
}

fn clock(skew_millis: i64) -> Check {
    let apart = skew_millis.unsigned_abs();
    let direction = if skew_millis < 0 { "behind" } else { "ahead of" };
    let found = if apart <= SKEW_TO_MEND {
        "this machine's and the exchange's agree to the second".to_owned()
    } else {
        format!("this machine is {}.{} s {direction} the exchange", apart / 1_000, apart % 1_000 / 100)
    };
    let mend = || "keep the clock set, such as with `timedatectl set-ntp true`".to_owned();
    if apart <= SKEW_TO_MEND {
        Check::ok("clock", found)
    } else if apart <= SKEW_TOO_LARGE {
        Check::warn("clock", found, mend())
    } else {
        Check::fail("clock", found, ExitCode::Failed, mend())
    }
}

fn refused(fault: &ApiError, exchange: &Exchange) -> Check {
    let (code, mend) = match fault {
        ApiError::Credentials(refusal) => (ExitCode::CredentialsRefused, mend(refusal, exchange.kind)),
        ApiError::Unreachable { .. } | ApiError::NoAnswer { .. } => {
            let mend = "check the network and the exchange's URL, or use --offline for the key alone";
            (ExitCode::Unreachable, mend.to_owned())
        }
        ApiError::RateLimited | ApiError::NoTokens { .. } => {
            let mend = "try again in a minute; other programs may be using the same account";
            (ExitCode::Failed, mend.to_owned())
        }
        ApiError::Refused(_) | ApiError::Unreadable { .. } | ApiError::CursorLoop { .. } => {
            (ExitCode::Failed, format!("check that {} is a Kalshi exchange", exchange.rest))
        }
    };
    Check::fail("credentials", fault.to_string(), code, mend)
}

/// What to do about a refused key, by what the exchange said of it.
fn mend(refusal: &Refusal, kind: ExchangeKind) -> String {
    let said = format!("{} {} {}", refusal.code, refusal.message, refusal.details).to_ascii_lowercase();
    if said.contains("timestamp") {
        "set this machine's clock, such as with `timedatectl set-ntp true`".to_owned()
    } else if refusal.status == 403 {
        "give the key the scopes read and write::trade at Kalshi, and attest your region there if it asks"
            .to_owned()
    } else if said.contains("signature") {
        "the private key and KALSHI_API_KEY_ID don't belong together: take both from the same key at Kalshi"
            .to_owned()
    } else {
        let other = if kind == ExchangeKind::Production { "demo" } else { "production" };
        format!(
            "check KALSHI_API_KEY_ID: the {} exchange doesn't know keys of the {other} exchange, and this is the {0} one",
            kind.as_str()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(skew: i64) -> String {
        let mut report = Report::default();
        report.push(clock(skew));
        format!("{} {}", report.code() as u8, report.render(crate::cli::Format::Table).expect("written"))
    }

    #[test]
    fn clocks_that_disagree_are_judged_by_how_much() {
        assert!(said(-900).starts_with("0 ok "));
        assert!(said(1_000).starts_with("0 ok "));
        let warned = said(1_250);
        assert!(warned.starts_with("0 warn ") && warned.contains("1.2 s ahead of"), "{warned}");
        let failed = said(-65_000);
        assert!(failed.starts_with("1 fail ") && failed.contains("65.0 s behind"), "{failed}");
    }
}
