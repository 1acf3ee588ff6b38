import type { Actor } from '../../domain/actor';
import type { Change, ChangeType, Committed } from '../../domain/change';
import type { Epoch, LedgerIndex, OperationId } from '../../domain/ids';
import { entryBytes } from '../../domain/ledger-entry';
import { nodeSuite } from '../../ledger/node/suite';
import { append, frontierToBytes } from '../../ledger/verify/frontier';
import { leafHash } from '../../ledger/verify/tree';
import type { Queries } from '../database';
import { bytes, type LockedLedger } from './head';

export interface NewEntry {
  readonly actor: Actor;
  readonly operationId: OperationId | null;
  readonly epoch: Epoch | null;
  readonly change: Change;
  readonly idempotencyKey: string;
  readonly requestDigest: string;
}

/** Writes the change's entry at the end of the locked ledger and moves its head on: one statement. */
export async function appendEntry(tx: Queries, ledger: LockedLedger, entry: NewEntry): Promise<Committed> {
  const index = ledger.frontier.size as LedgerIndex;
  const { actor, operationId, epoch, change } = entry;
  const frame = { index, at: ledger.now, organization: ledger.organization, actor, operationId, epoch };
  const line = entryBytes(frame, change);
  const text = new TextDecoder().decode(line);
  await appendLine(tx, ledger, text, { ...entry, type: change.type });
  return { index, entry: text, at: ledger.now, replayed: false, operationId };
}

/** The same for a line that is there already: of a ledger that is restored. */
export async function appendLine(
  tx: Queries,
  ledger: LockedLedger,
  text: string,
  entry: Pick<NewEntry, 'operationId' | 'idempotencyKey' | 'requestDigest'> & { readonly type: ChangeType },
): Promise<void> {
  const index = ledger.frontier.size;
  const leaf = leafHash(nodeSuite, new TextEncoder().encode(text));
  const frontier = append(nodeSuite, ledger.frontier, leaf);
  await tx.$executeRaw`
    WITH appended AS (
      INSERT INTO ledger_entry
        (organization_id, index, type, at, operation_id, entry, leaf_hash, idempotency_key, request_digest)
      VALUES (${ledger.organization}::uuid, ${index}, ${entry.type}, ${ledger.now}::timestamptz,
        ${entry.operationId}::uuid, ${text}, ${bytes(leaf)}, ${entry.idempotencyKey}, ${entry.requestDigest})
    )
    UPDATE ledger_head SET size = ${frontier.size}, frontier = ${bytes(frontierToBytes(frontier))}
    WHERE organization_id = ${ledger.organization}::uuid`;
  ledger.frontier = frontier;
}
