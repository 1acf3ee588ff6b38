-- Who can mend it: found out by whoever writes the entry of its opening, and from then on as fixed as that.
ALTER TABLE "incident" ADD COLUMN "owner" TEXT;

-- From here on: what Prisma's schema can't say.

GRANT UPDATE (owner) ON incident TO smsk_app;

CREATE OR REPLACE FUNCTION incident_keeps_to_its_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.opened_index IS NOT NULL
      AND (NEW.opened_index, NEW.owner) IS DISTINCT FROM (OLD.opened_index, OLD.owner))
    OR (OLD.closed_index IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
    RAISE EXCEPTION 'incident refuses UPDATE: the ledger has it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
