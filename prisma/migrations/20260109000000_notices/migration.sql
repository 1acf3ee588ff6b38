-- CreateTable
CREATE TABLE "notice_endpoint" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "url" TEXT NOT NULL,

    CONSTRAINT "notice_endpoint_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "notice_endpoint_removal" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "endpoint_id" UUID NOT NULL,

    CONSTRAINT "notice_endpoint_removal_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "maintenance_window" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "nonce" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "jws" TEXT NOT NULL,

    CONSTRAINT "maintenance_window_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateTable
CREATE TABLE "maintenance_cancellation" (
    "organization_id" UUID NOT NULL,
    "ledger_index" INTEGER NOT NULL,
    "nonce" TEXT NOT NULL,
    "cancels" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "jws" TEXT NOT NULL,

    CONSTRAINT "maintenance_cancellation_pkey" PRIMARY KEY ("organization_id","ledger_index")
);

-- CreateIndex
CREATE UNIQUE INDEX "notice_endpoint_organization_id_endpoint_id_key" ON "notice_endpoint"("organization_id", "endpoint_id");

-- CreateIndex
CREATE UNIQUE INDEX "notice_endpoint_removal_organization_id_endpoint_id_key" ON "notice_endpoint_removal"("organization_id", "endpoint_id");

-- CreateIndex
CREATE UNIQUE INDEX "maintenance_window_organization_id_nonce_key" ON "maintenance_window"("organization_id", "nonce");

-- CreateIndex
CREATE UNIQUE INDEX "maintenance_cancellation_organization_id_nonce_key" ON "maintenance_cancellation"("organization_id", "nonce");

-- CreateIndex
CREATE UNIQUE INDEX "maintenance_cancellation_organization_id_cancels_key" ON "maintenance_cancellation"("organization_id", "cancels");

-- What Prisma can't say: append-only, the owner's statements included, and the application's rights.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['notice_endpoint', 'notice_endpoint_removal', 'maintenance_window', 'maintenance_cancellation']
  LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO smsk_app', name);
  END LOOP;
END $$;
