-- AlterTable
ALTER TABLE "custody" ADD COLUMN     "offboarded" TEXT;

-- AlterTable
ALTER TABLE "statement" DROP CONSTRAINT "statement_pkey",
ADD CONSTRAINT "statement_pkey" PRIMARY KEY ("organization_id", "ledger_index", "kind");

-- CreateTable
CREATE TABLE "operator_approval" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "operation_id" UUID NOT NULL,
    "dry_run_id" UUID NOT NULL,
    "plan_digest" TEXT NOT NULL,
    "approved_by" TEXT NOT NULL,
    "proof" TEXT NOT NULL,

    CONSTRAINT "operator_approval_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateIndex
CREATE INDEX "operator_approval_dry_run_id_idx" ON "operator_approval"("dry_run_id");

-- What Prisma can't say.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_approval EXECUTE FUNCTION refuse_change();
ALTER TABLE operator_approval ENABLE ALWAYS TRIGGER append_only;
GRANT SELECT, INSERT ON operator_approval TO smsk_app;
GRANT UPDATE (offboarded) ON custody TO smsk_app;
