import { inWords } from '../store/behind';
import type { LedgerDoor } from '../store/ledger-door';

/** @throws Error that names the organizations whose ledger doesn't continue what was signed: no worker starts on such a database. */
export async function refuseIfBehind(door: LedgerDoor): Promise<void> {
  await door.look();
  if (door.closed.size === 0) return;
  const named = [...door.closed.values()].map(inWords);
  throw new Error(
    `LEDGER_BEHIND: the database doesn't continue what the signer has signed, as after restoring a backup: ${named.join(', ')}. ` +
      'Nothing is run on it until `smsk-restore` has reconciled it (docs/OPERATIONS.md#backup-and-restore).',
  );
}
