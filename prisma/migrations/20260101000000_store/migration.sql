-- CreateTable
CREATE TABLE "organization" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_head" (
    "organization_id" UUID NOT NULL,
    "size" INTEGER NOT NULL,
    "frontier" BYTEA NOT NULL,

    CONSTRAINT "ledger_head_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "organization_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "operation_id" UUID,
    "entry" TEXT NOT NULL,
    "leaf_hash" BYTEA NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request_digest" TEXT NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("organization_id","index")
);

-- CreateTable
CREATE TABLE "checkpoint" (
    "organization_id" UUID NOT NULL,
    "size" INTEGER NOT NULL,
    "frontier" BYTEA NOT NULL,
    "note" TEXT NOT NULL,
    "signed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("organization_id","size")
);

-- CreateTable
CREATE TABLE "operation" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "stage" TEXT NOT NULL,
    "holds_lock" BOOLEAN NOT NULL,
    "claimant" TEXT NOT NULL,
    "connection_id" UUID,
    "verification_index" INTEGER,
    "dry_run_id" UUID,
    "outcome" TEXT,
    "reason" TEXT,
    "stage_since" TIMESTAMPTZ(3) NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "operation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signed_order" (
    "organization_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "jti" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "order_ref" TEXT NOT NULL,
    "jws" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "signed_order_pkey" PRIMARY KEY ("organization_id","seq")
);

-- CreateTable
CREATE TABLE "approver_key" (
    "organization_id" UUID NOT NULL,
    "credential_id" TEXT NOT NULL,
    "public_x" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "enrolled_at" TIMESTAMPTZ(3) NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "approver_key_pkey" PRIMARY KEY ("organization_id","credential_id")
);

-- CreateTable
CREATE TABLE "approver_removal" (
    "organization_id" UUID NOT NULL,
    "credential_id" TEXT NOT NULL,
    "removed_at" TIMESTAMPTZ(3) NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "approver_removal_pkey" PRIMARY KEY ("organization_id","credential_id")
);

-- CreateTable
CREATE TABLE "connection" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "operation_id" UUID NOT NULL,
    "external_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "input" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "operation_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "findings" JSONB NOT NULL,
    "clean" BOOLEAN NOT NULL,
    "key_ref" TEXT,
    "canary_wrapped" BYTEA,
    "canary_key_ref" TEXT,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "dry_run" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "operation_id" UUID NOT NULL,
    "plan" TEXT,
    "plan_digest" TEXT,
    "findings" JSONB NOT NULL,
    "blockers" JSONB NOT NULL,
    "computed_at" TIMESTAMPTZ(3) NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "dry_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dry_run_review" (
    "dry_run_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "note" TEXT,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "dry_run_review_pkey" PRIMARY KEY ("dry_run_id")
);

-- CreateTable
CREATE TABLE "approval" (
    "organization_id" UUID NOT NULL,
    "nonce" TEXT NOT NULL,
    "operation_id" UUID NOT NULL,
    "dry_run_id" UUID NOT NULL,
    "plan_digest" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "evidence" TEXT NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "approval_pkey" PRIMARY KEY ("organization_id","nonce")
);

-- CreateTable
CREATE TABLE "envelope" (
    "organization_id" UUID NOT NULL,
    "wrapped_sha256" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "custody" TEXT NOT NULL,
    "connection_id" UUID,
    "wrapped" BYTEA,
    "key_ref" TEXT NOT NULL,
    "check_value" TEXT NOT NULL,
    "minted" BOOLEAN NOT NULL,
    "operation_id" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "statement" TEXT NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "erased_index" INTEGER,

    CONSTRAINT "envelope_pkey" PRIMARY KEY ("organization_id","wrapped_sha256")
);

-- CreateTable
CREATE TABLE "key_version" (
    "organization_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "check_value" TEXT NOT NULL,
    "operation_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "key_version_pkey" PRIMARY KEY ("organization_id","version")
);

-- CreateTable
CREATE TABLE "custody" (
    "organization_id" UUID NOT NULL,
    "custody" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "current_version" INTEGER NOT NULL,
    "connection_id" UUID,
    "sealing" BOOLEAN NOT NULL,
    "statement" TEXT NOT NULL,
    "envelopes" JSONB NOT NULL,
    "sealed" TEXT,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "custody_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "statement" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "jws" TEXT NOT NULL,

    CONSTRAINT "statement_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "platform_key" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "key_ref" TEXT NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "sealed_at" TIMESTAMPTZ(3),
    "destroyed_at" TIMESTAMPTZ(3),

    CONSTRAINT "platform_key_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "handoff" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "operation_id" UUID NOT NULL,
    "contacts" JSONB NOT NULL,
    "runbook" JSONB NOT NULL,

    CONSTRAINT "handoff_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "refusal_count" (
    "organization_id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "pending" INTEGER NOT NULL,
    "code" TEXT NOT NULL,

    CONSTRAINT "refusal_count_pkey" PRIMARY KEY ("organization_id","subject")
);

-- CreateTable
CREATE TABLE "usage" (
    "id" BIGSERIAL NOT NULL,
    "organization_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "key_ref" TEXT NOT NULL,
    "request_id" TEXT,
    "purpose" TEXT NOT NULL,
    "operations" INTEGER NOT NULL,

    CONSTRAINT "usage_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_minute" (
    "organization_id" UUID NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "ledger_index" INTEGER NOT NULL,

    CONSTRAINT "usage_minute_pkey" PRIMARY KEY ("organization_id","minute")
);

-- CreateTable
CREATE TABLE "incident" (
    "id" BIGSERIAL NOT NULL,
    "organization_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "request_id" TEXT,
    "refusals" INTEGER NOT NULL DEFAULT 1,
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "sha256" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "organization_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("sha256")
);

-- CreateIndex
CREATE UNIQUE INDEX "organization_name_key" ON "organization"("name");

-- CreateIndex
CREATE UNIQUE INDEX "organization_external_id_key" ON "organization"("external_id");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entry_organization_id_idempotency_key_key" ON "ledger_entry"("organization_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "operation_organization_id_opened_at_idx" ON "operation"("organization_id", "opened_at");

-- CreateIndex
CREATE UNIQUE INDEX "signed_order_organization_id_jti_key" ON "signed_order"("organization_id", "jti");

-- CreateIndex
CREATE INDEX "connection_identity_idx" ON "connection"("identity");

-- CreateIndex
CREATE INDEX "connection_key_idx" ON "connection"("key");

-- CreateIndex
CREATE INDEX "verification_connection_id_ledger_index_idx" ON "verification"("connection_id", "ledger_index");

-- CreateIndex
CREATE INDEX "verification_key_ref_idx" ON "verification"("key_ref");

-- CreateIndex
CREATE INDEX "approval_dry_run_id_idx" ON "approval"("dry_run_id");

-- CreateIndex
CREATE INDEX "envelope_operation_id_idx" ON "envelope"("operation_id");

-- CreateIndex
CREATE INDEX "usage_organization_id_at_idx" ON "usage"("organization_id", "at");

-- CreateIndex
CREATE INDEX "incident_organization_id_opened_at_idx" ON "incident"("organization_id", "opened_at");

-- AddForeignKey
ALTER TABLE "ledger_head" ADD CONSTRAINT "ledger_head_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- From here on: what Prisma's schema can't say.

-- One open operation of a kind, one that holds the lock, one open incident: per organization. One envelope of a
-- version staged by an operation.
CREATE UNIQUE INDEX "operation_open_key" ON "operation"("organization_id", "kind") WHERE "stage" <> 'closed';
CREATE UNIQUE INDEX "operation_lock_key" ON "operation"("organization_id") WHERE "holds_lock";
CREATE UNIQUE INDEX "incident_open_key" ON "incident"("organization_id") WHERE "closed_at" IS NULL;
CREATE UNIQUE INDEX "envelope_staged_key" ON "envelope"("operation_id", "version", "custody") WHERE "wrapped" IS NOT NULL;

-- The application logs in as a member of this role, which owns nothing. Roles belong to the whole cluster, and
-- databases of one cluster may be migrated at the same time.
DO $$
BEGIN
  CREATE ROLE smsk_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% refuses %: history is append-only', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- ALWAYS: a session that plays replica doesn't get past them either.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['organization', 'ledger_entry', 'checkpoint', 'signed_order', 'approver_key',
    'approver_removal', 'connection', 'verification', 'dry_run', 'dry_run_review', 'approval', 'key_version',
    'statement', 'handoff', 'usage', 'usage_minute']
  LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO smsk_app', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['ledger_head', 'operation', 'envelope', 'custody', 'platform_key', 'incident', 'api_token']
  LOOP
    EXECUTE format('CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER never_removed', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO smsk_app', name);
  END LOOP;
END $$;

GRANT UPDATE (size, frontier) ON ledger_head TO smsk_app;
GRANT UPDATE (epoch, stage, holds_lock, claimant, connection_id, verification_index, dry_run_id, outcome, reason, stage_since) ON operation TO smsk_app;
GRANT UPDATE (custody, epoch, current_version, connection_id, sealing, statement, envelopes, sealed, changed_at, ledger_index) ON custody TO smsk_app;
GRANT UPDATE (disabled_at, sealed_at, destroyed_at) ON platform_key TO smsk_app;
GRANT UPDATE (refusals, closed_at) ON incident TO smsk_app;
GRANT UPDATE (revoked_at) ON api_token TO smsk_app;
GRANT SELECT, INSERT, UPDATE ON refusal_count TO smsk_app;
GRANT USAGE ON SEQUENCE usage_id_seq, incident_id_seq TO smsk_app;

CREATE FUNCTION head_grows_by_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.organization_id <> OLD.organization_id OR NEW.size <> OLD.size + 1 THEN
    RAISE EXCEPTION 'ledger_head moves by one entry at a time' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER grows_by_one BEFORE UPDATE ON ledger_head FOR EACH ROW EXECUTE FUNCTION head_grows_by_one();
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER grows_by_one;

-- The one rule by which an envelope's bytes may go, whoever asks: its SHA-256 is in the ledger, an entry says
-- why it goes, and custody doesn't name it.
CREATE FUNCTION envelope_may_be_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  why ledger_entry;
  refusal text;
BEGIN
  SELECT * INTO why FROM ledger_entry e
    WHERE e.organization_id = OLD.organization_id AND e.index = NEW.erased_index;
  refusal := CASE
    WHEN OLD.wrapped IS NULL THEN 'it is erased'
    WHEN NEW.wrapped IS NOT NULL OR NEW.erased_index IS NULL
      OR to_jsonb(NEW) - 'wrapped' - 'erased_index' <> to_jsonb(OLD) - 'wrapped' - 'erased_index'
      THEN 'an envelope is never changed, only erased'
    WHEN why.index IS NULL THEN 'no such ledger entry'
    WHEN NOT EXISTS (
      SELECT FROM ledger_entry e
      WHERE e.organization_id = OLD.organization_id AND e.index = OLD.ledger_index AND e.type = 'envelope-staged'
        AND e.entry::jsonb #>> '{body,wrappedSha256}' = OLD.wrapped_sha256
    ) THEN 'its SHA-256 is not in the ledger'
    WHEN EXISTS (
      SELECT FROM custody c
      WHERE c.organization_id = OLD.organization_id AND c.envelopes ->> OLD.version::text = OLD.wrapped_sha256
    ) THEN 'it is live'
    WHEN why.type = 'platform-envelopes-erased' THEN CASE
      WHEN OLD.custody <> 'platform' THEN 'it is not the platform''s'
      WHEN NOT why.entry::jsonb #> '{body,envelopes}' @> jsonb_build_array(jsonb_build_object('wrappedSha256', OLD.wrapped_sha256))
        THEN 'the ledger entry does not name it'
    END
    -- Staged for a switch that won't be made: the operation ended before it, or went back to an earlier stage.
    WHEN why.type IN ('operation-closed', 'plan-invalidated', 'connection-submitted', 'verification-recorded', 'dry-run-recorded') THEN CASE
      WHEN why.operation_id IS DISTINCT FROM OLD.operation_id OR why.index < OLD.ledger_index
        THEN 'the ledger entry is not of its operation'
      WHEN EXISTS (
        SELECT FROM ledger_entry e
        WHERE e.organization_id = OLD.organization_id AND e.operation_id = OLD.operation_id AND e.type = 'custody-switched'
      ) THEN 'its operation has switched custody'
    END
    ELSE 'that ledger entry erases nothing'
  END;
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'envelope stays: %', refusal USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER may_be_erased BEFORE UPDATE ON envelope FOR EACH ROW EXECUTE FUNCTION envelope_may_be_erased();
ALTER TABLE envelope ENABLE ALWAYS TRIGGER may_be_erased;

-- The only way for the application to erase an envelope. Answers whether it did; an erased one stays so.
CREATE FUNCTION erase_envelope(of_organization uuid, sha256 text, by_entry integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  present boolean;
BEGIN
  PERFORM FROM public.ledger_head h WHERE h.organization_id = of_organization FOR UPDATE;
  SELECT e.wrapped IS NOT NULL INTO present FROM public.envelope e
    WHERE e.organization_id = of_organization AND e.wrapped_sha256 = sha256;
  IF present IS NULL THEN
    RAISE EXCEPTION 'no such envelope' USING ERRCODE = 'no_data_found';
  END IF;
  IF present THEN
    UPDATE public.envelope e SET wrapped = NULL, erased_index = by_entry
      WHERE e.organization_id = of_organization AND e.wrapped_sha256 = sha256;
  END IF;
  RETURN present;
END $$;
REVOKE ALL ON FUNCTION erase_envelope FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_envelope TO smsk_app;

-- The beginning of every commit. Locks the organization's ledger head, then looks for the idempotency key and
-- reads the clock: in statements of their own, since one that waited for the lock sees the past.
CREATE FUNCTION lock_ledger(of_organization uuid, wanted_key text,
  OUT size integer, OUT frontier bytea, OUT now timestamptz,
  OUT found_index integer, OUT found_entry text, OUT found_at timestamptz, OUT found_operation uuid, OUT found_digest text)
LANGUAGE plpgsql AS $$
BEGIN
  SELECT h.size, h.frontier INTO size, frontier FROM ledger_head h
    WHERE h.organization_id = of_organization FOR UPDATE;
  SELECT e.index, e.entry, e.at, e.operation_id, e.request_digest
    INTO found_index, found_entry, found_at, found_operation, found_digest
    FROM ledger_entry e WHERE e.organization_id = of_organization AND e.idempotency_key = wanted_key;
  now := date_trunc('milliseconds', clock_timestamp());
END $$;
REVOKE ALL ON FUNCTION lock_ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_ledger TO smsk_app;

-- Returns when every usage row begun before is committed or gone. Needs a right on the table that the
-- application must not have, hence the function.
CREATE FUNCTION await_usage() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  LOCK TABLE public.usage IN SHARE MODE;
$$;
REVOKE ALL ON FUNCTION await_usage FROM PUBLIC;
GRANT EXECUTE ON FUNCTION await_usage TO smsk_app;
