-- An incident leaves two ledger entries, which the minute's round writes from here: the row is the outbox.
ALTER TABLE "incident" ADD COLUMN "last_refusal_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp();
ALTER TABLE "incident" ADD COLUMN "opened_index" INTEGER;
ALTER TABLE "incident" ADD COLUMN "closed_index" INTEGER;
-- Nobody knows any more when those of before were refused last.
UPDATE "incident" SET "last_refusal_at" = "opened_at";

-- CreateTable
CREATE TABLE "content_refusal" (
    "organization_id" UUID NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "code" TEXT NOT NULL,
    "refusals" INTEGER NOT NULL,
    "recorded" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "content_refusal_pkey" PRIMARY KEY ("organization_id","minute","code")
);

-- From here on: what Prisma's schema can't say.

-- What the round still has to write is little, however many incidents and minutes there were.
CREATE INDEX "incident_unrecorded_idx" ON "incident"("organization_id") WHERE "closed_index" IS NULL;
CREATE INDEX "content_refusal_unrecorded_idx" ON "content_refusal"("organization_id") WHERE "recorded" < "refusals";

GRANT UPDATE (last_refusal_at, opened_index, closed_index) ON incident TO smsk_app;

CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON content_refusal EXECUTE FUNCTION refuse_change();
ALTER TABLE content_refusal ENABLE ALWAYS TRIGGER never_removed;
GRANT SELECT, INSERT ON content_refusal TO smsk_app;
GRANT UPDATE (refusals, recorded) ON content_refusal TO smsk_app;

-- What the ledger says of an incident is what its row goes on saying.
CREATE FUNCTION incident_keeps_to_its_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.opened_index IS NOT NULL AND NEW.opened_index IS DISTINCT FROM OLD.opened_index)
    OR (OLD.closed_index IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
    RAISE EXCEPTION 'incident refuses UPDATE: the ledger has it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keeps_to_its_entries BEFORE UPDATE ON incident FOR EACH ROW EXECUTE FUNCTION incident_keeps_to_its_entries();
ALTER TABLE incident ENABLE ALWAYS TRIGGER keeps_to_its_entries;
