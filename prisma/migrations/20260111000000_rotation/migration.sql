-- CreateTable
CREATE TABLE "rotation_due" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "cause" TEXT NOT NULL,
    "new_key_version" BOOLEAN NOT NULL,
    "settled_index" INTEGER,

    CONSTRAINT "rotation_due_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- AlterTable
ALTER TABLE "usage_minute" ADD COLUMN     "total" BIGINT NOT NULL DEFAULT 0;

-- What Prisma can't say: what is due stays on record, and is only ever settled.
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON rotation_due EXECUTE FUNCTION refuse_change();
ALTER TABLE rotation_due ENABLE ALWAYS TRIGGER never_removed;
GRANT SELECT, INSERT ON rotation_due TO smsk_app;
GRANT UPDATE (settled_index) ON rotation_due TO smsk_app;

-- An operation's own entries are few among those of a busy organization.
CREATE INDEX "ledger_entry_operation_key" ON "ledger_entry"("organization_id", "operation_id") WHERE "operation_id" IS NOT NULL;

-- The one rule by which an envelope's bytes may go, whoever asks: its SHA-256 is in the ledger, an entry says
-- why it goes, and custody doesn't name it.
CREATE OR REPLACE FUNCTION envelope_may_be_erased() RETURNS trigger LANGUAGE plpgsql AS $$
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
    -- A rotation has wrapped its version anew, and switched to that.
    WHEN why.type = 'superseded-envelopes-erased' THEN CASE
      WHEN OLD.custody <> 'customer' THEN 'it is not under the customer''s key'
      WHEN NOT why.entry::jsonb #> '{body,envelopes}' @> jsonb_build_array(jsonb_build_object('wrappedSha256', OLD.wrapped_sha256))
        THEN 'the ledger entry does not name it'
      WHEN NOT EXISTS (
        SELECT FROM ledger_entry e
        WHERE e.organization_id = OLD.organization_id AND e.operation_id = OLD.operation_id AND e.type = 'custody-switched'
      ) THEN 'it was never live'
      WHEN NOT EXISTS (
        SELECT FROM custody c WHERE c.organization_id = OLD.organization_id AND c.envelopes ? OLD.version::text
      ) THEN 'it is the last of its version'
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
