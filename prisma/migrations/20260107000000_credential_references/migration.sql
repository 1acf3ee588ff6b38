-- CreateTable
CREATE TABLE "reference_registration" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "locator" TEXT NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "registered_by" TEXT NOT NULL,
    "proof" TEXT NOT NULL,

    CONSTRAINT "reference_registration_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "reference_confirmation" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "registration_index" INTEGER NOT NULL,
    "confirmed_by" TEXT NOT NULL,
    "proof" TEXT NOT NULL,

    CONSTRAINT "reference_confirmation_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "reference_withdrawal" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "withdrawn_by" TEXT NOT NULL,

    CONSTRAINT "reference_withdrawal_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateIndex
CREATE INDEX "reference_registration_organization_id_name_idx" ON "reference_registration"("organization_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "reference_confirmation_organization_id_registration_index_key" ON "reference_confirmation"("organization_id", "registration_index");

-- What Prisma can't say: append-only, the owner's statements included, and the application's rights.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reference_registration', 'reference_confirmation', 'reference_withdrawal']
  LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO smsk_app', name);
  END LOOP;
END $$;
