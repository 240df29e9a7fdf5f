-- The context of row-level security, as SQL reads it. A past SET LOCAL leaves '' and not NULL.
CREATE SCHEMA IF NOT EXISTS app;

CREATE OR REPLACE FUNCTION app.me() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.party', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION app.user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.user', true), '')::uuid $$;

-- Refuses a change of rows that are written once.
CREATE OR REPLACE FUNCTION app.append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$;
