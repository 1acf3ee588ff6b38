-- CreateTable
CREATE TABLE "checkpoint_push" (
    "organization_id" UUID NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "size" INTEGER NOT NULL,
    "pushed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "checkpoint_push_pkey" PRIMARY KEY ("organization_id","endpoint_id")
);

-- What Prisma can't say. No entry stands behind it: a push that left one would make the next head to push.
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON checkpoint_push EXECUTE FUNCTION refuse_change();
ALTER TABLE checkpoint_push ENABLE ALWAYS TRIGGER never_removed;
GRANT SELECT, INSERT, UPDATE ON checkpoint_push TO smsk_app;
