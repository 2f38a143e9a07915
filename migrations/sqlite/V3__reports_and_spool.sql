-- What reports need beside trades, and the spool from which rows go on to a second store.

-- What every gate let through and refused on one day, in markets. A market counts once for each verdict it ever got
-- that day. Rows are brought up to date while the day lasts.
CREATE TABLE gates (
    run_id     TEXT NOT NULL REFERENCES runs (id),
    day        TEXT NOT NULL,               -- the exchange's day, Eastern time, such as 2026-11-24
    gate       TEXT NOT NULL,               -- filter, signal, risk or execution
    verdict    TEXT NOT NULL,               -- passed, or the stable word of the refusal
    markets    INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (run_id, day, gate, verdict)
) STRICT;
CREATE INDEX gates_day ON gates (day);

-- How markets resolved in which the run had held something, whether or not it still did then.
CREATE TABLE results (
    run_id     TEXT NOT NULL REFERENCES runs (id),
    market_id  TEXT NOT NULL,
    result     TEXT NOT NULL,               -- yes, no or scalar
    yes_value  TEXT NOT NULL,               -- what one YES contract pays
    timestamp  TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (run_id, market_id)
) STRICT;

-- Who this database is. Halts have no name of their own, so elsewhere they are told apart by it.
CREATE TABLE identity (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  TEXT NOT NULL
) STRICT;
INSERT INTO identity (one, id) VALUES (1, lower(hex(randomblob(8))));

-- Where rows go on to. Without a row here nothing is spooled.
CREATE TABLE spool_target (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL
) STRICT;

-- Rows that have not gone on yet, in the order in which they were written: table and key. A row that changes twice is
-- here twice, and goes on as it stands. Triggers write it, so that no way of writing a row can pass it by.
CREATE TABLE spool (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    row_key    TEXT NOT NULL,               -- a JSON array: the key's columns in their order
    refused    TEXT                         -- why the second store will not have it; empty while it waits its turn
) STRICT;
CREATE INDEX spool_waiting ON spool (seq) WHERE refused IS NULL;

CREATE TRIGGER runs_spool_insert AFTER INSERT ON runs WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('runs', json_array(NEW.id)); END;
CREATE TRIGGER runs_spool_update AFTER UPDATE ON runs WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('runs', json_array(NEW.id)); END;
CREATE TRIGGER trades_spool_insert AFTER INSERT ON trades WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('trades', json_array(NEW.id)); END;
CREATE TRIGGER trades_spool_update AFTER UPDATE ON trades WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('trades', json_array(NEW.id)); END;
CREATE TRIGGER account_snapshots_spool_insert AFTER INSERT ON account_snapshots WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_snapshots', json_array(NEW.run_id, NEW.seq)); END;
CREATE TRIGGER account_snapshots_spool_update AFTER UPDATE ON account_snapshots WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_snapshots', json_array(NEW.run_id, NEW.seq)); END;
CREATE TRIGGER logs_spool_insert AFTER INSERT ON logs WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('logs', json_array(NEW.run_id, NEW.seq)); END;
CREATE TRIGGER logs_spool_update AFTER UPDATE ON logs WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('logs', json_array(NEW.run_id, NEW.seq)); END;
CREATE TRIGGER decisions_spool_insert AFTER INSERT ON decisions WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('decisions', json_array(NEW.run_id, NEW.order_id)); END;
CREATE TRIGGER decisions_spool_update AFTER UPDATE ON decisions WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('decisions', json_array(NEW.run_id, NEW.order_id)); END;
CREATE TRIGGER orders_spool_insert AFTER INSERT ON orders WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('orders', json_array(NEW.run_id, NEW.order_id)); END;
CREATE TRIGGER orders_spool_update AFTER UPDATE ON orders WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('orders', json_array(NEW.run_id, NEW.order_id)); END;
CREATE TRIGGER fills_spool_insert AFTER INSERT ON fills WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('fills', json_array(NEW.run_id, NEW.trade_id)); END;
CREATE TRIGGER fills_spool_update AFTER UPDATE ON fills WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('fills', json_array(NEW.run_id, NEW.trade_id)); END;
CREATE TRIGGER settlements_spool_insert AFTER INSERT ON settlements WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('settlements', json_array(NEW.run_id, NEW.market_id)); END;
CREATE TRIGGER settlements_spool_update AFTER UPDATE ON settlements WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('settlements', json_array(NEW.run_id, NEW.market_id)); END;
CREATE TRIGGER halts_spool_insert AFTER INSERT ON halts WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('halts', json_array(NEW.id)); END;
CREATE TRIGGER halts_spool_update AFTER UPDATE ON halts WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('halts', json_array(NEW.id)); END;
CREATE TRIGGER account_baselines_spool_insert AFTER INSERT ON account_baselines WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_baselines', json_array(NEW.account, NEW.number)); END;
CREATE TRIGGER account_baselines_spool_update AFTER UPDATE ON account_baselines WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_baselines', json_array(NEW.account, NEW.number)); END;
CREATE TRIGGER account_baseline_positions_spool_insert AFTER INSERT ON account_baseline_positions WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_baseline_positions', json_array(NEW.account, NEW.number, NEW.market_id)); END;
CREATE TRIGGER account_baseline_positions_spool_update AFTER UPDATE ON account_baseline_positions WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_baseline_positions', json_array(NEW.account, NEW.number, NEW.market_id)); END;
CREATE TRIGGER account_baseline_known_spool_insert AFTER INSERT ON account_baseline_known WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_baseline_known', json_array(NEW.account, NEW.number, NEW.kind, NEW.name)); END;
CREATE TRIGGER account_baseline_known_spool_update AFTER UPDATE ON account_baseline_known WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_baseline_known', json_array(NEW.account, NEW.number, NEW.kind, NEW.name)); END;
CREATE TRIGGER account_foreign_fills_spool_insert AFTER INSERT ON account_foreign_fills WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_foreign_fills', json_array(NEW.account, NEW.trade_id)); END;
CREATE TRIGGER account_foreign_fills_spool_update AFTER UPDATE ON account_foreign_fills WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_foreign_fills', json_array(NEW.account, NEW.trade_id)); END;
CREATE TRIGGER account_payouts_spool_insert AFTER INSERT ON account_payouts WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_payouts', json_array(NEW.account, NEW.market_id)); END;
CREATE TRIGGER account_payouts_spool_update AFTER UPDATE ON account_payouts WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('account_payouts', json_array(NEW.account, NEW.market_id)); END;
CREATE TRIGGER exchange_orders_spool_insert AFTER INSERT ON exchange_orders WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('exchange_orders', json_array(NEW.account, NEW.exchange_id)); END;
CREATE TRIGGER exchange_orders_spool_update AFTER UPDATE ON exchange_orders WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('exchange_orders', json_array(NEW.account, NEW.exchange_id)); END;
CREATE TRIGGER gates_spool_insert AFTER INSERT ON gates WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('gates', json_array(NEW.run_id, NEW.day, NEW.gate, NEW.verdict)); END;
CREATE TRIGGER gates_spool_update AFTER UPDATE ON gates WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('gates', json_array(NEW.run_id, NEW.day, NEW.gate, NEW.verdict)); END;
CREATE TRIGGER results_spool_insert AFTER INSERT ON results WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('results', json_array(NEW.run_id, NEW.market_id)); END;
CREATE TRIGGER results_spool_update AFTER UPDATE ON results WHEN EXISTS (SELECT 1 FROM spool_target)
BEGIN INSERT INTO spool (table_name, row_key) VALUES ('results', json_array(NEW.run_id, NEW.market_id)); END;
