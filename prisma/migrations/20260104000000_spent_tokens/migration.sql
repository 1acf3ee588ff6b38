-- CreateTable
CREATE TABLE "spent_token" (
    "organization_id" UUID NOT NULL,
    "jti" TEXT NOT NULL,
    "claimant" TEXT,
    "code" TEXT,

    CONSTRAINT "spent_token_pkey" PRIMARY KEY ("organization_id","jti")
);

-- What Prisma can't say: append-only, the owner's statements included, and the application's rights.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "spent_token" EXECUTE FUNCTION refuse_change();
ALTER TABLE "spent_token" ENABLE ALWAYS TRIGGER append_only;
GRANT SELECT, INSERT ON "spent_token" TO smsk_app;
