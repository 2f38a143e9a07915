//! Which exchange is meant: the demo exchange unless told otherwise, and never the real one by accident.

use super::{Api, url};

/// What kind of exchange the bot talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeKind {
    /// On this machine: `kalshi-bot sim`.
    Simulated,
    /// Kalshi's demo exchange, where no real money moves.
    Demo,
    /// Anything else counts as the real one.
    Production,
}

impl ExchangeKind {
    /// The stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Demo => "demo",
            Self::Production => "production",
        }
    }
}

/// Where an exchange is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What kind it is.
    pub kind: ExchangeKind,
    /// Where it answers requests.
    pub rest: String,
    /// Where it streams.
    pub websocket: String,
}

impl Api {
    /// The exchange in force. A `base_url` on this machine is taken whatever `use_demo` says, since no money is there;
    /// its stream is `websocket_url` where that is on this machine too, and follows from `base_url` otherwise.
    pub fn exchange(&self) -> Exchange {
        if url::names_this_machine(&self.base_url) {
            let websocket = if url::names_this_machine(&self.websocket_url) {
                self.websocket_url.clone()
            } else {
                stream_beside(&self.base_url)
            };
            Exchange { kind: ExchangeKind::Simulated, rest: self.base_url.clone(), websocket }
        } else if self.use_demo {
            let kind = ExchangeKind::Demo;
            Exchange { kind, rest: self.demo_base_url.clone(), websocket: self.demo_websocket_url.clone() }
        } else {
            let kind = ExchangeKind::Production;
            Exchange { kind, rest: self.base_url.clone(), websocket: self.websocket_url.clone() }
        }
    }
}

/// `http://host/trade-api/v2` streams at `ws://host/trade-api/ws/v2`.
fn stream_beside(rest: &str) -> String {
    let stream = rest.replacen("http", "ws", 1);
    match stream.strip_suffix("/v2") {
        Some(before) => format!("{before}/ws/v2"),
        None => format!("{stream}/ws/v2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn exchange(overrides: &[(&str, &str)]) -> Exchange {
        let overrides =
            overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        load(&Sources { overrides, ..Sources::default() }).expect("sound").api.exchange()
    }

    #[test]
    fn the_demo_exchange_is_meant_unless_told_otherwise() {
        let demo = exchange(&[]);
        assert_eq!(demo.kind, ExchangeKind::Demo);
        assert!(demo.rest.contains("demo") && demo.websocket.contains("demo"));
        let real = exchange(&[("api.use_demo", "false")]);
        assert_eq!(real.kind, ExchangeKind::Production);
        assert!(!real.rest.contains("demo") && !real.websocket.contains("demo"));
    }

    #[test]
    fn an_exchange_on_this_machine_needs_one_key() {
        let sim = exchange(&[("api.base_url", "http://127.0.0.1:8080/trade-api/v2")]);
        assert_eq!(sim.kind, ExchangeKind::Simulated);
        assert_eq!(sim.websocket, "ws://127.0.0.1:8080/trade-api/ws/v2");
        let both =
            exchange(&[("api.base_url", "http://localhost:1"), ("api.websocket_url", "ws://localhost:2/x")]);
        assert_eq!(both.websocket, "ws://localhost:2/x");
    }

    #[test]
    fn another_host_is_never_taken_for_a_play_one() {
        let elsewhere = exchange(&[("api.base_url", "https://api.example.com"), ("api.use_demo", "false")]);
        assert_eq!(elsewhere.kind, ExchangeKind::Production);
    }
}
