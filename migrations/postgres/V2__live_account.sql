-- What a live account needs beyond its runs: whose account it is, what was there before the bot, and which of the
-- exchange's orders are ours. See migrations/sqlite/V2__live_account.sql for what each table is for.

ALTER TABLE runs ADD COLUMN account text;
ALTER TABLE runs ADD COLUMN prefix text;
ALTER TABLE runs ADD COLUMN tag text;
CREATE UNIQUE INDEX runs_tag ON runs (account, prefix, tag) WHERE tag IS NOT NULL;

CREATE TABLE account_baselines (
    account    text NOT NULL,
    number     bigint NOT NULL,
    taken_at   timestamptz NOT NULL,
    cash       numeric(18, 6) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, number)
);

CREATE TABLE account_baseline_positions (
    account   text NOT NULL,
    number    bigint NOT NULL,
    market_id text NOT NULL,
    size      numeric(18, 6) NOT NULL,
    PRIMARY KEY (account, number, market_id),
    FOREIGN KEY (account, number) REFERENCES account_baselines (account, number)
);

CREATE TABLE account_baseline_known (
    account text NOT NULL,
    number  bigint NOT NULL,
    kind    text NOT NULL,
    name    text NOT NULL,
    PRIMARY KEY (account, number, kind, name),
    FOREIGN KEY (account, number) REFERENCES account_baselines (account, number)
);

CREATE TABLE account_foreign_fills (
    account     text NOT NULL,
    trade_id    text NOT NULL,
    exchange_id text NOT NULL,
    market_id   text NOT NULL,
    side        text NOT NULL,
    price       numeric(10, 6) NOT NULL,
    size        numeric(18, 6) NOT NULL,
    fee         numeric(18, 6) NOT NULL,
    is_taker    boolean NOT NULL,
    timestamp   timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, trade_id)
);

CREATE TABLE account_payouts (
    account    text NOT NULL,
    market_id  text NOT NULL,
    result     text NOT NULL,
    yes_value  numeric(10, 6) NOT NULL,
    timestamp  timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, market_id)
);

CREATE TABLE exchange_orders (
    account     text NOT NULL,
    exchange_id text NOT NULL,
    client_id   text NOT NULL,
    run_id      text REFERENCES runs (id),
    order_id    bigint,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, exchange_id)
);
CREATE INDEX exchange_orders_order ON exchange_orders (run_id, order_id);

-- Who may do what: service_role reads, adds and changes rows; nobody else does anything, whatever the schema's defaults.
DO $$
DECLARE one text;
BEGIN
    FOREACH one IN ARRAY ARRAY[
        'account_baselines', 'account_baseline_positions', 'account_baseline_known',
        'account_foreign_fills', 'account_payouts', 'exchange_orders'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, anon, authenticated, service_role', one);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO service_role', one);
        EXECUTE format('CREATE POLICY service_role_writes ON %I TO service_role USING (true) WITH CHECK (true)', one);
    END LOOP;
END $$;

-- PostgREST learns of new tables by this.
NOTIFY pgrst, 'reload schema';
