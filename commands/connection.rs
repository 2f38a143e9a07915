//! How a command reaches the exchange: which one, with which key, and what its refusals mean to the person who typed.

use crate::cli::exchange::ExchangeArguments;
use crate::config;
use crate::exit::{ExitCode, Failure};
use dialoguer::Confirm;
use kalshi_bot::config::Settings;
use kalshi_bot::config::exchange::ExchangeKind;
use kalshi_bot::kalshi::credentials::Credentials;
use kalshi_bot::kalshi::error::{ApiError, Refusal};
use kalshi_bot::kalshi::model::Page;
use kalshi_bot::kalshi::rest::transport::{Transport, TransportSettings};
use kalshi_bot::kalshi::rest::{Client, Pages};
use serde::de::DeserializeOwned;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// Most items that the exchange puts on a page.
const LARGEST_PAGE: u64 = 1_000;

/// The configuration with what the flags say of the exchange, and with `extra` keys that other flags set.
///
/// # Errors
/// A [`Failure`] when the configuration has faults, or when `--production` would not reach the production exchange.
pub(crate) fn settings(
    arguments: &ExchangeArguments,
    extra: Vec<(String, String)>,
) -> Result<Settings, Failure> {
    let mut overrides = exchange_overrides(arguments);
    overrides.extend(extra);
    let settings = config::load(&arguments.files, overrides).map_err(|error| Failure::config(&error))?;
    let exchange = settings.api.exchange();
    if arguments.production && exchange.kind != ExchangeKind::Production {
        return Err(Failure::new(
            ExitCode::Usage,
            "the production exchange was asked for, but another would answer",
            format!("api.base_url is {}, on this machine", exchange.rest),
            "leave --production away, or take api.base_url out of the configuration",
        ));
    }
    Ok(settings)
}

/// What the flags set. A URL that isn't on this machine counts as the real exchange, whoever answers there.
fn exchange_overrides(arguments: &ExchangeArguments) -> Vec<(String, String)> {
    let set = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let mut overrides = Vec::new();
    if arguments.production {
        overrides.push(set("api.use_demo", "false"));
    }
    if let Some(url) = &arguments.api_url {
        overrides.push(set("api.use_demo", "false"));
        overrides.push(set("api.base_url", url));
        if let Some(stream) = stream_beside(url) {
            overrides.push(set("api.websocket_url", &stream));
        }
    }
    overrides
}

/// `https://host/trade-api/v2` streams at `wss://host/trade-api/ws/v2`; `None` for what is no such URL.
fn stream_beside(url: &str) -> Option<String> {
    let stream = url.trim_end_matches('/').strip_prefix("http")?;
    let path = stream.strip_suffix("/v2").unwrap_or(stream);
    Some(format!("ws{path}/ws/v2"))
}

/// A client that signs with the account's key.
///
/// # Errors
/// A [`Failure`] when no key is configured or it can't be read.
pub(crate) fn client(settings: &Settings) -> Result<Client, Failure> {
    connect(settings, Some(credentials(settings)?))
}

/// The account's key.
///
/// # Errors
/// A [`Failure`] when none is configured or it can't be read.
pub(crate) fn credentials(settings: &Settings) -> Result<Arc<Credentials>, Failure> {
    let keys = ["api.key_id", "api.private_key_path"];
    settings
        .require(&keys, "requests about the account are signed with it")
        .map_err(|error| Failure::config(&error))?;
    let path = settings.api.private_key_path.clone().unwrap_or_default();
    let credentials = Credentials::load(&settings.api.key_id, &path).map_err(|error| {
        let next = error.mend();
        Failure::new(ExitCode::Usage, "the private key can't be used", error, next)
    })?;
    Ok(Arc::new(credentials))
}

/// A client without a key, for what the exchange tells everybody.
///
/// # Errors
/// A [`Failure`] when connections can't be prepared.
pub(crate) fn public_client(settings: &Settings) -> Result<Client, Failure> {
    connect(settings, None)
}

fn connect(settings: &Settings, credentials: Option<Arc<Credentials>>) -> Result<Client, Failure> {
    let api = &settings.api;
    Ok(Client::new(Transport::new(TransportSettings {
        base_url: api.exchange().rest,
        credentials,
        timeout: api.timeout,
        reads_per_second: api.read_rate_limit_per_second,
        writes_per_second: api.write_rate_limit_per_second,
    })?))
}

/// What requests run on.
///
/// # Errors
/// A [`Failure`] when the system gives no threads.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| {
        let next = "check the limits on threads and open files; nothing was sent";
        Failure::new(ExitCode::Failed, "requests can't be run", error, next)
    })
}

/// The first `most` items of a list that is read page by page.
///
/// # Errors
/// [`ApiError`] of the first page that fails.
pub(crate) async fn first<P: Page + DeserializeOwned>(
    mut pages: Pages<'_, P>,
    most: usize,
) -> Result<Vec<P::Item>, ApiError> {
    let mut items = Vec::new();
    while items.len() < most {
        let Some(page) = pages.next().await? else { break };
        items.extend(page);
    }
    items.truncate(most);
    Ok(items)
}

/// How many items a page of a list should have, of which `most` are wanted.
pub(crate) fn page_size(most: usize) -> u64 {
    u64::try_from(most).map_or(LARGEST_PAGE, |most| most.clamp(1, LARGEST_PAGE))
}

/// Lets a person stop what would move real money: on the production exchange it asks `question` unless `yes` was
/// given. Elsewhere nothing is asked.
///
/// # Errors
/// A [`Failure`] when there is nobody to ask, or when the answer is no.
pub(crate) fn confirm(settings: &Settings, yes: bool, question: &str) -> Result<(), Failure> {
    let is_attended = io::stdin().is_terminal() && io::stderr().is_terminal();
    confirm_at(settings, yes, is_attended, question)
}

fn confirm_at(settings: &Settings, yes: bool, is_attended: bool, question: &str) -> Result<(), Failure> {
    if yes || settings.api.exchange().kind != ExchangeKind::Production {
        return Ok(());
    }
    let unasked = |cause: String| {
        let next = "run it again with --yes to go ahead without a question";
        Failure::new(
            ExitCode::Usage,
            "nothing was done: this needs a yes on the production exchange",
            cause,
            next,
        )
    };
    if !is_attended {
        return Err(unasked("there is no terminal to ask at".to_owned()));
    }
    let answer = Confirm::new().with_prompt(question).default(false).interact();
    if answer.map_err(|error| unasked(format!("the question can't be asked: {error}")))? {
        return Ok(());
    }
    let next = "run it again when you want it";
    Err(Failure::new(ExitCode::Failed, "nothing was done", "the question was answered with no", next))
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let (code, what, next) = match &error {
            ApiError::Credentials(refusal) => {
                (ExitCode::CredentialsRefused, "the exchange refuses the credentials", mend(refusal))
            }
            ApiError::Refused(refusal) => {
                (ExitCode::Failed, "the exchange refuses the request", amend(refusal))
            }
            ApiError::RateLimited | ApiError::NoTokens { .. } => (
                ExitCode::Failed,
                "the account asks more than its request limits allow",
                "wait a few seconds and run it again; other programs with the same account share the limits",
            ),
            ApiError::Unreachable { .. } => (
                ExitCode::Unreachable,
                "the exchange can't be reached",
                "check the network and the URL (`kalshi-bot config show`); nothing was sent",
            ),
            ApiError::NoAnswer { .. } => (
                ExitCode::Unreachable,
                "the exchange doesn't answer",
                "run it again; if it was to change something, look first whether it did (`kalshi-bot orders list`)",
            ),
            ApiError::Unreadable { .. } | ApiError::CursorLoop { .. } => (
                ExitCode::Failed,
                "the exchange's answer makes no sense",
                "check that the URL is an exchange's (`kalshi-bot config show`); if it is, this program is too old for \
                 its answers",
            ),
        };
        Self::new(code, what, &error, next)
    }
}

/// What to do about refused credentials.
fn mend(refusal: &Refusal) -> &'static str {
    let said = format!("{} {} {}", refusal.code, refusal.message, refusal.details).to_ascii_lowercase();
    if said.contains("timestamp") {
        "set this machine's clock: signatures are good for a few seconds"
    } else if said.contains("signature") {
        "check that api.private_key_path is the file that belongs to api.key_id"
    } else if refusal.status == 403 {
        "give the key the scopes read and write::trade in the exchange's account settings"
    } else {
        "check api.key_id (KALSHI_API_KEY_ID): keys of the demo exchange and of production are different ones"
    }
}

/// What to do about a refused request.
fn amend(refusal: &Refusal) -> &'static str {
    match refusal.status {
        404 => "check the name: the exchange knows nothing by it",
        409 => "look at what is there already (`kalshi-bot orders list`)",
        410 => "this program is too old for the exchange; get a newer one",
        _ => "change what the exchange names, and run it again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ConfigFiles;

    fn arguments(production: bool, api_url: Option<&str>) -> ExchangeArguments {
        let files = ConfigFiles { config: None, markets_file: None };
        ExchangeArguments { production, api_url: api_url.map(str::to_owned), files }
    }

    fn chosen(production: bool, api_url: Option<&str>) -> (ExchangeKind, String, String) {
        let exchange = settings(&arguments(production, api_url), Vec::new()).expect("sound").api.exchange();
        (exchange.kind, exchange.rest, exchange.websocket)
    }

    #[test]
    fn flags_choose_the_exchange_and_its_stream() {
        assert_eq!(chosen(false, None).0, ExchangeKind::Demo);
        let (kind, rest, _) = chosen(true, None);
        assert!(kind == ExchangeKind::Production && !rest.contains("demo"), "{rest}");
        let local = "http://127.0.0.1:4010/trade-api/v2";
        let stream = "ws://127.0.0.1:4010/trade-api/ws/v2".to_owned();
        assert_eq!(chosen(false, Some(local)), (ExchangeKind::Simulated, local.to_owned(), stream));
        let elsewhere = "https://exchange.example/trade-api/v2";
        let stream = "wss://exchange.example/trade-api/ws/v2".to_owned();
        assert_eq!(chosen(false, Some(elsewhere)), (ExchangeKind::Production, elsewhere.to_owned(), stream));
    }

    #[test]
    fn a_url_that_is_none_is_a_fault_of_usage() {
        for url in ["", "ftp://exchange.example", "exchange.example"] {
            let failure = settings(&arguments(false, Some(url)), Vec::new()).expect_err(url);
            assert_eq!(failure.code, ExitCode::Usage, "{url}");
        }
    }

    #[test]
    fn every_refusal_has_its_exit_code_and_a_next_step() {
        let refusal = |status, code: &str| Refusal {
            status,
            code: code.to_owned(),
            message: String::new(),
            details: String::new(),
        };
        let host = || "exchange.example".to_owned();
        let cases = [
            (ApiError::Credentials(refusal(401, "header_timestamp_expired")), 3, "clock"),
            (ApiError::Credentials(refusal(401, "authentication_error")), 3, "api.key_id"),
            (ApiError::Credentials(refusal(403, "forbidden")), 3, "scopes"),
            (ApiError::Refused(refusal(404, "not_found")), 1, "check the name"),
            (ApiError::RateLimited, 1, "wait"),
            (ApiError::Unreachable { host: host(), cause: "no route".to_owned() }, 4, "nothing was sent"),
            (ApiError::NoAnswer { host: host(), cause: "time-out".to_owned() }, 4, "look first"),
        ];
        for (error, code, hint) in cases {
            let failure = Failure::from(error);
            assert_eq!(failure.code as u8, code, "{failure}");
            assert!(failure.to_string().contains(hint), "{failure}");
        }
    }

    #[test]
    fn only_the_production_exchange_asks_before_acting() {
        let demo = settings(&arguments(false, None), Vec::new()).expect("sound");
        assert!(confirm(&demo, false, "Go?").is_ok());
        let production = settings(&arguments(true, None), Vec::new()).expect("sound");
        assert!(confirm(&production, true, "Go?").is_ok());
        let failure = confirm_at(&production, false, false, "Go?").expect_err("nobody to ask");
        assert_eq!(failure.code, ExitCode::Usage);
        assert!(failure.to_string().contains("--yes"), "{failure}");
    }
}
