-- What reports need beside trades. See migrations/sqlite/V3__reports_and_spool.sql.

CREATE TABLE gates (
    run_id     text NOT NULL REFERENCES runs (id),
    day        text NOT NULL,
    gate       text NOT NULL,
    verdict    text NOT NULL,
    markets    bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, day, gate, verdict)
);
CREATE INDEX gates_day ON gates (day);

CREATE TABLE results (
    run_id     text NOT NULL REFERENCES runs (id),
    market_id  text NOT NULL,
    result     text NOT NULL,
    yes_value  numeric(10, 6) NOT NULL,
    timestamp  timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, market_id)
);

-- Who may do what: service_role reads, adds and changes rows; nobody else does anything, whatever the schema's defaults.
DO $$
DECLARE one text;
BEGIN
    FOREACH one IN ARRAY ARRAY[
        'gates', 'results'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, anon, authenticated, service_role', one);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO service_role', one);
        EXECUTE format('CREATE POLICY service_role_writes ON %I TO service_role USING (true) WITH CHECK (true)', one);
    END LOOP;
END $$;

-- PostgREST learns of new tables by this.
NOTIFY pgrst, 'reload schema';
