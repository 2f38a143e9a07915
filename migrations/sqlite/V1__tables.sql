-- What a run leaves behind: trades, account snapshots and logs, and beside them runs, orders, fills, decisions,
-- settlements and halts.
--
-- Prices, amounts and contract counts are TEXT: SQLite has integers and binary floats but no decimals, and money
-- never passes through a float. Every column is written with a fixed number of decimals (six for prices and
-- amounts, two for contracts), so equal values are equal texts. In a query, CAST(net_pnl AS REAL) serves the eye.
--
-- Times are TEXT in RFC 3339, UTC, with six decimals: their order as text is their order in time. They come from
-- the run's own clock. created_at alone is the database's: it says when the row was written, so that everything
-- else of two equal runs is equal.
--
-- STRICT refuses a value of another type than the column's. A file that has been applied anywhere is never edited:
-- a change is a new file with the next number.

CREATE TABLE runs (
    id         TEXT PRIMARY KEY NOT NULL,
    kind       TEXT NOT NULL,               -- paper or live
    source     TEXT NOT NULL,               -- the seed, recording or venue that fed it
    settings   TEXT NOT NULL,               -- the settings in force
    started_at TEXT NOT NULL,
    ended_at   TEXT,                        -- empty while it runs and after a crash
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

CREATE TABLE trades (
    id             TEXT PRIMARY KEY NOT NULL, -- run and number
    run_id         TEXT NOT NULL REFERENCES runs (id),
    number         INTEGER NOT NULL,          -- within the run, from 1
    position_id    TEXT NOT NULL,             -- run, market and first fill
    market_id      TEXT NOT NULL,             -- the exchange's ticker
    series         TEXT NOT NULL,
    outcome        TEXT NOT NULL,             -- yes or no; the prices are those of this outcome
    size           TEXT NOT NULL,             -- contracts
    entry_price    TEXT NOT NULL,             -- average
    exit_price     TEXT NOT NULL,             -- average
    entry_cost     TEXT NOT NULL,             -- exact, fees apart
    exit_proceeds  TEXT NOT NULL,             -- exact, fees apart
    entry_time     TEXT NOT NULL,
    exit_time      TEXT NOT NULL,
    gross_pnl      TEXT NOT NULL,
    fees           TEXT NOT NULL,
    net_pnl        TEXT NOT NULL,
    exit_reason    TEXT NOT NULL,
    created_at     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX trades_market_id ON trades (market_id);
CREATE INDEX trades_entry_time ON trades (entry_time);
CREATE INDEX trades_exit_time ON trades (exit_time);

-- seq is the number of the record within its run: a batch that is written a second time adds nothing.
CREATE TABLE account_snapshots (
    id             INTEGER PRIMARY KEY,
    run_id         TEXT NOT NULL REFERENCES runs (id),
    seq            INTEGER NOT NULL,
    timestamp      TEXT NOT NULL,
    balance        TEXT NOT NULL,             -- cash
    equity         TEXT NOT NULL,             -- cash and positions at the executable price
    open_positions INTEGER NOT NULL,
    daily_pnl      TEXT NOT NULL,
    total_pnl      TEXT NOT NULL,
    created_at     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    UNIQUE (run_id, seq)
) STRICT;
CREATE INDEX account_snapshots_timestamp ON account_snapshots (timestamp);

CREATE TABLE logs (
    id         INTEGER PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES runs (id),
    seq        INTEGER NOT NULL,
    timestamp  TEXT NOT NULL,
    level      TEXT NOT NULL,
    logger     TEXT NOT NULL,
    message    TEXT NOT NULL,
    data       TEXT NOT NULL,                 -- JSON
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    UNIQUE (run_id, seq)
) STRICT;
CREATE INDEX logs_timestamp ON logs (timestamp);
CREATE INDEX logs_level ON logs (level);

-- Why each entry was made.
CREATE TABLE decisions (
    run_id     TEXT NOT NULL REFERENCES runs (id),
    order_id   INTEGER NOT NULL,
    timestamp  TEXT NOT NULL,
    market_id  TEXT NOT NULL,
    outcome    TEXT NOT NULL,                 -- yes or no; the prices are those of this outcome
    price      TEXT NOT NULL,
    size       TEXT NOT NULL,
    target     TEXT NOT NULL,
    stop       TEXT NOT NULL,
    net_win    TEXT NOT NULL,                 -- dollars a contract, fees paid
    net_loss   TEXT NOT NULL,                 -- dollars a contract, fees paid
    break_even TEXT NOT NULL,                 -- share of wins at which nothing is lost
    bound_by   TEXT NOT NULL,                 -- the limit that set the size
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (run_id, order_id)
) STRICT;

-- One row an order, as it last stood.
CREATE TABLE orders (
    run_id       TEXT NOT NULL REFERENCES runs (id),
    order_id     INTEGER NOT NULL,
    market_id    TEXT NOT NULL,
    side         TEXT NOT NULL,               -- bid or ask of the YES book
    price        TEXT NOT NULL,               -- YES limit
    size         TEXT NOT NULL,
    filled       TEXT NOT NULL,
    purpose      TEXT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT,                        -- why it was refused or cancelled
    submitted_at TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (run_id, order_id)
) STRICT;
CREATE INDEX orders_market_id ON orders (market_id);

CREATE TABLE fills (
    run_id     TEXT NOT NULL REFERENCES runs (id),
    trade_id   TEXT NOT NULL,                 -- the exchange's
    order_id   INTEGER NOT NULL,
    market_id  TEXT NOT NULL,
    side       TEXT NOT NULL,                 -- bid or ask of the YES book
    price      TEXT NOT NULL,                 -- YES price
    size       TEXT NOT NULL,
    fee        TEXT NOT NULL,
    is_taker   INTEGER NOT NULL,              -- 1 or 0
    purpose    TEXT NOT NULL,
    timestamp  TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (run_id, trade_id)
) STRICT;
CREATE INDEX fills_order ON fills (run_id, order_id);

CREATE TABLE settlements (
    run_id     TEXT NOT NULL REFERENCES runs (id),
    market_id  TEXT NOT NULL,
    result     TEXT NOT NULL,                 -- yes, no or scalar
    yes_value  TEXT NOT NULL,                 -- what one YES contract paid
    size       TEXT NOT NULL,                 -- signed: above zero YES, below zero NO
    payout     TEXT NOT NULL,
    timestamp  TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (run_id, market_id)
) STRICT;

-- Reasons to stop that only a person clears. Those of paper runs and of live runs are kept apart: a loss on paper
-- must not stop live trading, nor clearing it on paper start it again.
CREATE TABLE halts (
    id         INTEGER PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES runs (id),
    seq        INTEGER NOT NULL,
    kind       TEXT NOT NULL,                 -- paper or live
    reason     TEXT NOT NULL,
    detail     TEXT NOT NULL,
    latched_at TEXT NOT NULL,
    cleared_at TEXT,                          -- empty while it holds
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    UNIQUE (run_id, seq)
) STRICT;
CREATE UNIQUE INDEX halts_in_force ON halts (kind, reason) WHERE cleared_at IS NULL;
