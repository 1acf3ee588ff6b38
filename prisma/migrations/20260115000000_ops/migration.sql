-- What Prisma can't say: histories that have to go are few, and asked for every minute.
CREATE INDEX "ledger_entry_intake_key" ON "ledger_entry"("organization_id", "index")
  WHERE "type" IN ('intake-incident-opened', 'intake-incident-closed');
