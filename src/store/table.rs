//! Every table that both stores have, declared once: its key, its columns, and what they hold.
//!
//! Rows go on from one store to the other, and are read back for reports, by this table alone. A column that a migration
//! adds has to be named here; tests hold the declarations against the tables of both databases. `created_at` is left
//! out: each database writes its own.

/// What a column holds. Decimals and times are carried as text in one form, so that equal values are equal texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// Yes or no.
    Flag,
    /// A decimal with this many digits after the point.
    Decimal(usize),
    /// An instant, to the microsecond.
    Time,
    /// A JSON document.
    Json,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in both stores.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// How the local store reads it where that isn't by its name.
    pub(super) local: Option<&'static str>,
}

/// One table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in both stores.
    pub name: &'static str,
    /// What tells its rows apart, in both stores.
    pub key: &'static [&'static str],
    /// The key of the local store, which the spool names rows by.
    pub(super) local_key: &'static [&'static str],
    /// Its columns, those of the key first.
    pub columns: &'static [Column],
}

impl Table {
    /// Where a column stands among the columns.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|one| one.name == column)
    }

    /// The table of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().copied().find(|table| table.name == name)
    }
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, local: None }
}

const fn text(name: &'static str) -> Column {
    column(name, Kind::Text)
}

const fn time(name: &'static str) -> Column {
    column(name, Kind::Time)
}

const fn integer(name: &'static str) -> Column {
    column(name, Kind::Integer)
}

/// A price or an amount, to the micro-dollar.
const fn dollars(name: &'static str) -> Column {
    column(name, Kind::Decimal(6))
}

/// A number of contracts, to the hundredth.
const fn contracts(name: &'static str) -> Column {
    column(name, Kind::Decimal(2))
}

macro_rules! table {
    ($constant:ident, $name:literal, $key:expr, $columns:expr) => {
        table!($constant, $name, $key, $key, $columns);
    };
    ($constant:ident, $name:literal, $key:expr, $local_key:expr, $columns:expr) => {
        #[doc = concat!("The table `", $name, "`.")]
        pub static $constant: Table =
            Table { name: $name, key: &$key, local_key: &$local_key, columns: &$columns };
    };
}

table!(RUNS, "runs", ["id"], [
    text("id"), text("kind"), text("source"), text("settings"), time("started_at"), time("ended_at"), text("account"),
    text("prefix"), text("tag"),
]);
table!(DECISIONS, "decisions", ["run_id", "order_id"], [
    text("run_id"), integer("order_id"), time("timestamp"), text("market_id"), text("outcome"), dollars("price"),
    contracts("size"), dollars("target"), dollars("stop"), dollars("net_win"), dollars("net_loss"),
    dollars("break_even"), text("bound_by"),
]);
table!(ORDERS, "orders", ["run_id", "order_id"], [
    text("run_id"), integer("order_id"), text("market_id"), text("side"), dollars("price"), contracts("size"),
    contracts("filled"), text("purpose"), text("state"), text("reason"), time("submitted_at"), time("updated_at"),
]);
table!(FILLS, "fills", ["run_id", "trade_id"], [
    text("run_id"), text("trade_id"), integer("order_id"), text("market_id"), text("side"), dollars("price"),
    contracts("size"), dollars("fee"), column("is_taker", Kind::Flag), text("purpose"), time("timestamp"),
]);
table!(TRADES, "trades", ["id"], [
    text("id"), text("run_id"), integer("number"), text("position_id"), text("market_id"), text("series"),
    text("outcome"), contracts("size"), dollars("entry_price"), dollars("exit_price"), dollars("entry_cost"),
    dollars("exit_proceeds"), time("entry_time"), time("exit_time"), dollars("gross_pnl"), dollars("fees"),
    dollars("net_pnl"), text("exit_reason"),
]);
table!(SETTLEMENTS, "settlements", ["run_id", "market_id"], [
    text("run_id"), text("market_id"), text("result"), dollars("yes_value"), contracts("size"), dollars("payout"),
    time("timestamp"),
]);
table!(ACCOUNT_SNAPSHOTS, "account_snapshots", ["run_id", "seq"], [
    text("run_id"), integer("seq"), time("timestamp"), dollars("balance"), dollars("equity"),
    integer("open_positions"), dollars("daily_pnl"), dollars("total_pnl"),
]);
table!(HALTS, "halts", ["store_id", "id"], ["id"], [
    Column { name: "store_id", kind: Kind::Text, local: Some("(SELECT identity.id FROM identity)") },
    integer("id"), text("run_id"), integer("seq"), text("kind"), text("reason"), text("detail"), time("latched_at"),
    time("cleared_at"),
]);
table!(LOGS, "logs", ["run_id", "seq"], [
    text("run_id"), integer("seq"), time("timestamp"), text("level"), text("logger"), text("message"),
    column("data", Kind::Json),
]);
table!(GATES, "gates", ["run_id", "day", "gate", "verdict"], [
    text("run_id"), text("day"), text("gate"), text("verdict"), integer("markets"), time("updated_at"),
]);
table!(RESULTS, "results", ["run_id", "market_id"], [
    text("run_id"), text("market_id"), text("result"), dollars("yes_value"), time("timestamp"),
]);
table!(ACCOUNT_BASELINES, "account_baselines", ["account", "number"], [
    text("account"), integer("number"), time("taken_at"), dollars("cash"),
]);
table!(ACCOUNT_BASELINE_POSITIONS, "account_baseline_positions", ["account", "number", "market_id"], [
    text("account"), integer("number"), text("market_id"), contracts("size"),
]);
table!(ACCOUNT_BASELINE_KNOWN, "account_baseline_known", ["account", "number", "kind", "name"], [
    text("account"), integer("number"), text("kind"), text("name"),
]);
table!(ACCOUNT_FOREIGN_FILLS, "account_foreign_fills", ["account", "trade_id"], [
    text("account"), text("trade_id"), text("exchange_id"), text("market_id"), text("side"), dollars("price"),
    contracts("size"), dollars("fee"), column("is_taker", Kind::Flag), time("timestamp"),
]);
table!(ACCOUNT_PAYOUTS, "account_payouts", ["account", "market_id"], [
    text("account"), text("market_id"), text("result"), dollars("yes_value"), time("timestamp"),
]);
table!(EXCHANGE_ORDERS, "exchange_orders", ["account", "exchange_id"], [
    text("account"), text("exchange_id"), text("client_id"), text("run_id"), integer("order_id"),
]);

/// Every table, each after those that its rows refer to.
pub static TABLES: [&Table; 17] = [
    &RUNS,
    &ACCOUNT_BASELINES,
    &ACCOUNT_BASELINE_POSITIONS,
    &ACCOUNT_BASELINE_KNOWN,
    &EXCHANGE_ORDERS,
    &DECISIONS,
    &ORDERS,
    &FILLS,
    &ACCOUNT_FOREIGN_FILLS,
    &TRADES,
    &SETTLEMENTS,
    &ACCOUNT_PAYOUTS,
    &RESULTS,
    &ACCOUNT_SNAPSHOTS,
    &HALTS,
    &GATES,
    &LOGS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_columns_and_names_are_told_once() {
        for table in TABLES {
            for key in table.key.iter().chain(table.local_key) {
                assert!(table.position(key).is_some(), "{}.{key}", table.name);
            }
            let mut names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
            assert!(std::ptr::eq(Table::named(table.name).expect("declared"), table));
        }
    }
}
