-- What an enrolled key signed to remove this one: evidence, as for an enrolment; null for a key that was removed before
-- this column was there.
ALTER TABLE "approver_removal" ADD COLUMN "enrolment" TEXT;
