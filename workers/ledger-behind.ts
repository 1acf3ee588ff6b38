import type { OrganizationId } from '../domain/ids';
import { type Behind, inWords } from '../store/behind';
import { type LedgerDoor, lookPatiently } from '../store/ledger-door';

/**
 * Those that the door is closed for, but for such as the operator has said will stay so: nothing of these is opened by
 * it, and the others needn't wait for them.
 */
export const unexpectedlyBehind = (
  { closed }: Pick<LedgerDoor, 'closed'>,
  leftClosed: readonly OrganizationId[],
): readonly Behind[] =>
  [...closed.values()].filter(({ organization }) => !leftClosed.includes(organization.id));

/**
 * @param leftClosed whose ledger may stay behind
 * @throws Error that names the others whose ledger doesn't continue what was signed: no worker starts on such a database.
 */
export async function refuseIfBehind(door: LedgerDoor, leftClosed: readonly OrganizationId[]): Promise<void> {
  await lookPatiently(door);
  const behind = unexpectedlyBehind(door, leftClosed);
  if (behind.length === 0) return;
  throw new Error(
    `LEDGER_BEHIND: the database doesn't continue what the signer has signed, as after restoring a backup: ${behind.map(inWords).join(', ')}. ` +
      'Nothing is run on it until `smsk-restore` has reconciled it (docs/OPERATIONS.md#backup-and-restore).',
  );
}
