//! Every key of the configuration, declared once: its path, what it takes, and what it means. Defaults live in
//! `config/default.toml`, which a test keeps in step with this table.

/// What a number counts, which also decides the type it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Dollars a contract.
    Price,
    /// A fraction: 0.02 is two per cent.
    Ratio,
    /// Dollars.
    Money,
    /// Contracts.
    Quantity,
    /// Things that come whole.
    Count,
    /// Times as much or as fast.
    Multiple,
    /// A span of time in hours.
    Hours,
    /// A span of time in minutes.
    Minutes,
    /// A span of time in seconds.
    Seconds,
    /// A span of time in milliseconds.
    Milliseconds,
}

/// Which protocol a URL has to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `https`, or `http` to this machine.
    Http,
    /// `wss`, or `ws` to this machine.
    WebSocket,
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A decimal between two bounds, both allowed.
    Number {
        /// What it counts.
        unit: Unit,
        /// Lower bound, as a decimal.
        least: &'static str,
        /// Upper bound, as a decimal.
        most: &'static str,
    },
    /// `true` or `false`.
    Bool,
    /// One of a few words, compared without regard to case.
    Choice(&'static [&'static str]),
    /// Names of categories, or `all` alone.
    Categories,
    /// Any text.
    Text,
    /// An e-mail address.
    Address,
    /// A URL without user, query or fragment.
    Url(Protocol),
    /// A text that is never printed.
    Secret,
}

impl Kind {
    /// What the key takes, as a phrase.
    pub fn allowed(&self) -> String {
        match self {
            Self::Number { unit, least, most } => {
                let what = match unit {
                    Unit::Price => "a price in dollars",
                    Unit::Ratio => "a fraction",
                    Unit::Money => "an amount in dollars",
                    Unit::Quantity => "a number of contracts",
                    Unit::Count => "a whole number",
                    Unit::Multiple => "a number",
                    Unit::Hours => "a number of hours",
                    Unit::Minutes => "a number of minutes",
                    Unit::Seconds => "a number of seconds",
                    Unit::Milliseconds => "a number of milliseconds",
                };
                format!("{what} from {least} to {most}")
            }
            Self::Bool => "true or false".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Categories => "a list of category names, or [\"all\"]".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Address => "an e-mail address".to_owned(),
            Self::Url(Protocol::Http) => "an https URL (http to this machine alone)".to_owned(),
            Self::Url(Protocol::WebSocket) => "a wss URL (ws to this machine alone)".to_owned(),
            Self::Secret => "a text (a secret, never printed)".to_owned(),
        }
    }
}

/// One key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Sections and name, joined by dots.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether `markets.toml` may set it for one series or one category.
    pub per_market: bool,
    /// Whether it may be left empty, and so may wait for a variable that the environment doesn't have.
    pub optional: bool,
    /// What it means, in one sentence.
    pub doc: &'static str,
}

impl Key {
    const fn per_market(self) -> Self {
        Self { per_market: true, ..self }
    }

    const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The path without its first section: the name under which `markets.toml` knows the key.
    pub fn name(&self) -> &'static str {
        self.path.split_once('.').map_or(self.path, |(_, name)| name)
    }
}

/// The key at `path`.
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

const fn key(path: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { path, kind, per_market: false, optional: false, doc }
}

const fn number(
    path: &'static str,
    unit: Unit,
    least: &'static str,
    most: &'static str,
    doc: &'static str,
) -> Key {
    key(path, Kind::Number { unit, least, most }, doc)
}

const STYLES: Kind = Kind::Choice(&["taker", "maker"]);
const HTTP: Kind = Kind::Url(Protocol::Http);
const WEBSOCKET: Kind = Kind::Url(Protocol::WebSocket);

/// The schema, section by section in the order of `default.toml`.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    number("trading.entry_threshold", Unit::Price, "0.50", "0.99",
        "Least price of an outcome, YES or NO, that makes it a candidate.").per_market(),
    number("trading.profit_target", Unit::Ratio, "0.001", "0.5",
        "Distance of the target above the entry price, as a fraction of it.").per_market(),
    number("trading.stop_loss", Unit::Ratio, "0.001", "0.9",
        "Distance of the stop below the entry price, as a fraction of it.").per_market(),
    number("trading.max_position_size", Unit::Ratio, "0.0001", "1",
        "Most of the capital in one position."),
    number("trading.max_total_exposure", Unit::Ratio, "0.0001", "1",
        "Most of the capital in all positions together."),
    number("trading.max_positions", Unit::Count, "1", "1000",
        "Most positions held at once."),
    key("trading.widen_stop", Kind::Bool,
        "Whether a stop nearer than spread, one tick and fees is moved out to the nearest sound one; if not, the entry is refused.").per_market(),
    key("trading.entry_style", STYLES,
        "How positions are entered: taker buys at the ask at once, maker rests at the bid.").per_market(),
    number("trading.maker_entry_lifetime_seconds", Unit::Seconds, "1", "86400",
        "How long a resting entry stands before it is taken off.").per_market(),
    key("trading.take_profit_style", STYLES,
        "How profits are taken: maker rests at the target from the entry on, taker sells once the bid reaches it.").per_market(),
    number("trading.stop_slippage", Unit::Price, "0", "0.99",
        "How far below the executable price a stop order may sweep the book.").per_market(),
    key("trading.hold_to_settlement", Kind::Bool,
        "Whether positions are kept to settlement, with no stop, no target and no exit before the close.").per_market(),
    number("trading.exit_before_close_minutes", Unit::Minutes, "0", "10080",
        "How long before the close of its market a position is sold.").per_market(),
    number("trading.cooldown_minutes", Unit::Minutes, "0", "10080",
        "How long a market rests after an exit before it may be entered again.").per_market(),

    key("markets.categories", Kind::Categories,
        "Categories that are traded, compared without regard to case."),
    number("markets.min_volume", Unit::Quantity, "0", "1000000000",
        "Least contracts traded in the market so far.").per_market(),
    number("markets.min_liquidity", Unit::Money, "0", "1000000000",
        "Least dollars resting within liquidity_reach of the touch, both sides together.").per_market(),
    number("markets.liquidity_reach", Unit::Price, "0", "0.99",
        "How far from the touch resting dollars count as liquidity.").per_market(),
    number("markets.max_spread", Unit::Price, "0.0001", "0.99",
        "Widest distance between bid and ask.").per_market(),
    number("markets.time_to_event.min_hours", Unit::Hours, "0", "87600",
        "Least time to the close of the market at entry.").per_market(),
    number("markets.time_to_event.max_hours", Unit::Hours, "0", "87600",
        "Most time to the close of the market at entry.").per_market(),

    number("risk.max_daily_loss", Unit::Ratio, "0.0001", "1",
        "Largest loss of a day, as a fraction of the equity the day began with; reaching it halts trading."),
    number("risk.max_consecutive_losses", Unit::Count, "1", "1000",
        "Losing trades in a row that halt trading."),
    key("risk.circuit_breaker_enabled", Kind::Bool,
        "Whether the breakers on losses trip at all."),
    number("risk.websocket_max_disconnect", Unit::Seconds, "1", "3600",
        "Longest silence of the feed, pings included, before entries stop until it is back."),
    number("risk.max_event_exposure", Unit::Ratio, "0.0001", "1",
        "Most of the capital in all markets of one event, which exclude each other."),
    number("risk.max_drawdown", Unit::Ratio, "0", "1",
        "Largest fall of the equity from its peak, as a fraction of the peak; 0 switches it off."),
    number("risk.no_entries_before_pause_minutes", Unit::Minutes, "0", "1440",
        "How long before a scheduled pause of the exchange, in which no stop works, entries stop; 0 switches it off."),

    key("execution.order_prefix", Kind::Text,
        "What the bot's names for its orders begin with, 1 to 12 of a-z and 0-9: two bots of one account need two."),
    number("execution.order_lifetime_seconds", Unit::Seconds, "10", "86400",
        "How long a resting order stands before the exchange takes it off by itself, should the bot be gone."),
    number("execution.order_group_contracts", Unit::Count, "0", "1000000",
        "Contracts matched within 15 seconds on one shard after which the exchange takes all orders off; 0 is no such brake."),
    number("execution.reconcile_every", Unit::Seconds, "5", "3600",
        "How often the account is compared with the exchange's while the bot runs."),

    number("paper.capital", Unit::Money, "1", "1000000000",
        "Capital of a paper account at the start."),
    number("paper.latency_ms", Unit::Milliseconds, "0", "60000",
        "Time from a decision to its order standing at the venue, one way."),
    number("paper.seed", Unit::Count, "0", "18446744073709551615",
        "Seed of the generated markets: the same seed gives the same markets."),
    number("paper.markets", Unit::Count, "1", "10000",
        "How many markets are generated."),
    number("paper.hours", Unit::Hours, "0.01", "720",
        "How many hours of the generated markets are traded."),
    number("paper.speed", Unit::Multiple, "0", "1000000",
        "How many times faster than real time a paper run goes; 0 is as fast as the machine can."),

    key("api.base_url", HTTP,
        "Where the production exchange answers requests."),
    key("api.websocket_url", WEBSOCKET,
        "Where the production exchange streams its markets."),
    key("api.demo_base_url", HTTP,
        "Where the demo exchange answers requests."),
    key("api.demo_websocket_url", WEBSOCKET,
        "Where the demo exchange streams its markets."),
    key("api.use_demo", Kind::Bool,
        "Whether the demo exchange is used, where no real money moves."),
    key("api.key_id", Kind::Secret,
        "The exchange's name for the key that signs requests.").optional(),
    key("api.private_key_path", Kind::Text,
        "The file that holds the private key, in PEM.").optional(),
    number("api.read_rate_limit_per_second", Unit::Count, "1", "10000",
        "Most requests a second that read, until the account's own limit is known."),
    number("api.write_rate_limit_per_second", Unit::Count, "1", "10000",
        "Most requests a second that send or cancel orders, until the account's own limit is known."),
    number("api.timeout", Unit::Seconds, "0.1", "60",
        "How long an answer is waited for."),

    key("database.url", HTTP,
        "Where Supabase answers.").optional(),
    key("database.key", Kind::Secret,
        "The Supabase service key.").optional(),
    key("database.rest_path", Kind::Text,
        "Path of the REST interface under the address; / where PostgREST itself answers."),
    key("database.schema", Kind::Text,
        "The schema that holds the tables."),
    key("database.connection", Kind::Secret,
        "A direct connection to its PostgreSQL, for `kalshi-bot migrate`.").optional(),
    key("database.ca_file", Kind::Text,
        "File of certificates, in PEM, to be trusted for the database beside the system's.").optional(),
    number("database.pool_size", Unit::Count, "1", "100",
        "Most connections to the database at once."),

    key("logging.level", Kind::Choice(&["ERROR", "WARN", "INFO", "DEBUG", "TRACE"]),
        "Least severity that is logged."),
    key("logging.modules", Kind::Text,
        "Least severity of single modules, such as kalshi_bot::bot=debug,hyper=off; it beats the level above.").optional(),
    key("logging.format", Kind::Choice(&["auto", "json", "pretty"]),
        "One JSON object a line for machines, pretty for people, or auto: pretty on a terminal and JSON elsewhere."),
    key("logging.destination", Kind::Choice(&["stderr", "stdout"]),
        "Where log lines go; results always go to stdout."),
    key("logging.file", Kind::Text,
        "Folder of log files, written beside the destination above; empty writes none.").optional(),
    key("logging.rotation", Kind::Choice(&["daily", "hourly", "never"]),
        "How often a new log file is begun, by the clock of UTC."),
    number("logging.keep_files", Unit::Count, "1", "10000",
        "How many log files are kept, the one in use included."),
    key("logging.store_level", Kind::Choice(&["ERROR", "WARN", "INFO", "DEBUG", "TRACE"]),
        "Least severity of what is logged that also goes to the table logs of the store."),

    key("metrics.listen", Kind::Text,
        "Address on this machine where run shows figures for Prometheus, such as 127.0.0.1:9464; empty shows none.").optional(),

    key("alerts.email.enabled", Kind::Bool,
        "Whether alerts are sent by e-mail."),
    key("alerts.email.smtp_host", Kind::Text,
        "The mail server."),
    number("alerts.email.smtp_port", Unit::Count, "1", "65535",
        "Its port: 587 for STARTTLS, 465 for TLS from the first byte."),
    key("alerts.email.security", Kind::Choice(&["starttls", "tls", "none"]),
        "How the connection is encrypted; none is allowed to this machine alone."),
    key("alerts.email.ca_file", Kind::Text,
        "A file with one more certificate authority to trust, in PEM, for a server with a certificate of its own.").optional(),
    key("alerts.email.username", Kind::Text,
        "The name to log in with; empty takes from_email.").optional(),
    key("alerts.email.password", Kind::Secret,
        "The password to log in with; for Gmail an app password.").optional(),
    key("alerts.email.from_email", Kind::Address,
        "The sender.").optional(),
    key("alerts.email.to_email", Kind::Address,
        "The recipient.").optional(),
    key("alerts.email.min_level", Kind::Choice(&["INFO", "WARNING", "CRITICAL"]),
        "Least level that is mailed."),
    number("alerts.email.max_mails", Unit::Count, "3", "1000",
        "Most mails in a window; what comes beyond is counted in one digest at its end."),
    number("alerts.email.window_minutes", Unit::Minutes, "1", "1440",
        "Length of that window."),
    number("alerts.email.timeout", Unit::Seconds, "1", "120",
        "How long the mail server is waited for."),

    key("state.dir", Kind::Text,
        "Directory of the journal, the halts and the local store; empty takes the usual one of the system.").optional(),
];
