-- CreateTable
CREATE TABLE "probe" (
    "organization_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "leased_at" TIMESTAMPTZ(3),
    "leased_until" TIMESTAMPTZ(3),
    "leased_by" UUID,
    "probed_at" TIMESTAMPTZ(3),
    "thorough_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "code" TEXT,
    "findings" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "probe_pkey" PRIMARY KEY ("organization_id","kind")
);

-- CreateTable
CREATE TABLE "drift" (
    "organization_id" UUID NOT NULL,
    "found_index" INTEGER NOT NULL,
    "aspect" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "key_ref" TEXT,
    "found_at" TIMESTAMPTZ(3) NOT NULL,
    "cleared_index" INTEGER,
    "cleared_at" TIMESTAMPTZ(3),

    CONSTRAINT "drift_pkey" PRIMARY KEY ("organization_id","found_index")
);

-- CreateTable
CREATE TABLE "sweep" (
    "kind" TEXT NOT NULL,
    "completed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sweep_pkey" PRIMARY KEY ("kind")
);

-- CreateIndex
CREATE INDEX "probe_kind_due_at_idx" ON "probe"("kind", "due_at");

-- CreateIndex
CREATE INDEX "probe_kind_leased_at_idx" ON "probe"("kind", "leased_at");

-- From here on: what Prisma's schema can't say.

-- At most one warning of each aspect stands.
CREATE UNIQUE INDEX "drift_standing_key" ON "drift"("organization_id", "aspect") WHERE "cleared_index" IS NULL;

-- A probe's row says when it is due and who is at it: nothing else depends on it, and losing one only has it probed anew.
GRANT SELECT, INSERT ON probe TO smsk_app;
GRANT UPDATE (account, due_at, leased_at, leased_until, leased_by, probed_at, thorough_at, failures, code, findings)
  ON probe TO smsk_app;
GRANT SELECT, INSERT, UPDATE ON sweep TO smsk_app;

CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON drift EXECUTE FUNCTION refuse_change();
ALTER TABLE drift ENABLE ALWAYS TRIGGER never_removed;
GRANT SELECT, INSERT ON drift TO smsk_app;
GRANT UPDATE (cleared_index, cleared_at) ON drift TO smsk_app;

-- A warning is cleared once, and stays what was found.
CREATE FUNCTION drift_is_cleared_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.cleared_index IS NOT NULL
    OR (to_jsonb(NEW) - '{cleared_index,cleared_at}'::text[]) <> (to_jsonb(OLD) - '{cleared_index,cleared_at}'::text[]) THEN
    RAISE EXCEPTION 'drift refuses UPDATE: the ledger has it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER cleared_once BEFORE UPDATE ON drift FOR EACH ROW EXECUTE FUNCTION drift_is_cleared_once();
ALTER TABLE drift ENABLE ALWAYS TRIGGER cleared_once;
