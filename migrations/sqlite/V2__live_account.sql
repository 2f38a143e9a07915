-- What a live account needs beyond its runs: whose account it is, what was there before the bot, and which of the
-- exchange's orders are ours.
--
-- An account is named by the kind of exchange and a hash of the key's id, so that demo and production can be kept in
-- one folder and never mix.

-- Of live runs: the account, and the run's part of the names of its orders (prefix-tag-number).
ALTER TABLE runs ADD COLUMN account TEXT;
ALTER TABLE runs ADD COLUMN prefix TEXT;
ALTER TABLE runs ADD COLUMN tag TEXT;
CREATE UNIQUE INDEX runs_tag ON runs (account, prefix, tag) WHERE tag IS NOT NULL;

-- What was there that the bot did not bring about. The first row of an account is what it held before the bot's first
-- start, later ones are what a person accepted, as changes. Nothing here is ever edited.
CREATE TABLE account_baselines (
    account    TEXT NOT NULL,
    number     INTEGER NOT NULL,            -- within the account, from 1
    taken_at   TEXT NOT NULL,
    cash       TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (account, number)
) STRICT;

CREATE TABLE account_baseline_positions (
    account   TEXT NOT NULL,
    number    INTEGER NOT NULL,
    market_id TEXT NOT NULL,
    size      TEXT NOT NULL,                -- signed: above zero YES, below zero NO
    PRIMARY KEY (account, number, market_id),
    FOREIGN KEY (account, number) REFERENCES account_baselines (account, number)
) STRICT;

-- What cash and positions of a baseline contain already, so that it isn't counted a second time.
CREATE TABLE account_baseline_known (
    account TEXT NOT NULL,
    number  INTEGER NOT NULL,
    kind    TEXT NOT NULL,                  -- order (foreign, resting), fill or payout
    name    TEXT NOT NULL,                  -- the exchange's order id or trade id, or the market of the payout
    PRIMARY KEY (account, number, kind, name),
    FOREIGN KEY (account, number) REFERENCES account_baselines (account, number)
) STRICT;

-- Fills of orders that rested before the bot came: they move cash and positions, and aren't ours.
CREATE TABLE account_foreign_fills (
    account     TEXT NOT NULL,
    trade_id    TEXT NOT NULL,
    exchange_id TEXT NOT NULL,              -- the exchange's order id
    market_id   TEXT NOT NULL,
    side        TEXT NOT NULL,              -- bid or ask of the YES book
    price       TEXT NOT NULL,              -- YES price
    size        TEXT NOT NULL,
    fee         TEXT NOT NULL,
    is_taker    INTEGER NOT NULL,           -- 1 or 0
    timestamp   TEXT NOT NULL,
    created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (account, trade_id)
) STRICT;

-- Payouts that only the exchange knew of, because no run was up when they came.
CREATE TABLE account_payouts (
    account    TEXT NOT NULL,
    market_id  TEXT NOT NULL,
    result     TEXT NOT NULL,               -- yes, no or scalar
    yes_value  TEXT NOT NULL,               -- what one YES contract paid
    timestamp  TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (account, market_id)
) STRICT;

-- Which order an order of the exchange is. run_id and order_id are empty where it isn't ours, so that it need not be
-- asked for again.
CREATE TABLE exchange_orders (
    account     TEXT NOT NULL,
    exchange_id TEXT NOT NULL,
    client_id   TEXT NOT NULL,              -- its sender's name for it; empty where it has none
    run_id      TEXT REFERENCES runs (id),
    order_id    INTEGER,
    created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (account, exchange_id)
) STRICT;
CREATE INDEX exchange_orders_order ON exchange_orders (run_id, order_id);

-- A person may halt an account while no run is up: such a halt has no run.
CREATE TABLE halts_of_v2 (
    id         INTEGER PRIMARY KEY,
    run_id     TEXT REFERENCES runs (id),
    seq        INTEGER,
    kind       TEXT NOT NULL,               -- paper or live
    reason     TEXT NOT NULL,
    detail     TEXT NOT NULL,
    latched_at TEXT NOT NULL,
    cleared_at TEXT,                        -- empty while it holds
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    UNIQUE (run_id, seq)
) STRICT;
INSERT INTO halts_of_v2 (id, run_id, seq, kind, reason, detail, latched_at, cleared_at, created_at)
SELECT id, run_id, seq, kind, reason, detail, latched_at, cleared_at, created_at FROM halts;
DROP TABLE halts;
ALTER TABLE halts_of_v2 RENAME TO halts;
CREATE UNIQUE INDEX halts_in_force ON halts (kind, reason) WHERE cleared_at IS NULL;
