-- What an enrolled key signed to enrol this one; null for a key that an order names. The rights and triggers of the
-- table hold for it too.
ALTER TABLE "approver_key" ADD COLUMN "enrolment" TEXT;
