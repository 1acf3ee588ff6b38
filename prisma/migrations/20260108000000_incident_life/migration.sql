-- An incident is closed by its recovery, which proves first what reads and writes need; until then these say how far it is.
ALTER TABLE "incident" ALTER COLUMN "refusals" DROP DEFAULT;
ALTER TABLE "incident" ADD COLUMN "probes" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "incident" ADD COLUMN "answered_at" TIMESTAMPTZ(3);
ALTER TABLE "incident" ADD COLUMN "detected_at" TIMESTAMPTZ(3);
ALTER TABLE "incident" ADD COLUMN "relayed_at" TIMESTAMPTZ(3);
ALTER TABLE "incident" ADD COLUMN "proof" JSONB;

-- CreateTable
CREATE TABLE "incident_note" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "incident_id" BIGINT NOT NULL,
    "acknowledges" BOOLEAN NOT NULL,
    "text" TEXT,
    "by_kind" TEXT NOT NULL,
    "by_name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "incident_note_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateIndex
CREATE INDEX "incident_note_incident_id_idx" ON "incident_note"("incident_id");

-- From here on: what Prisma's schema can't say.

-- The relay looks here twice a second.
CREATE INDEX "incident_open_idx" ON "incident"("id") WHERE "closed_at" IS NULL;

GRANT UPDATE (probes, answered_at, detected_at, relayed_at, proof) ON incident TO smsk_app;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_note EXECUTE FUNCTION refuse_change();
ALTER TABLE incident_note ENABLE ALWAYS TRIGGER append_only;
GRANT SELECT, INSERT ON incident_note TO smsk_app;
