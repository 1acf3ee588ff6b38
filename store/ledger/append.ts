import type { Actor } from '../../domain/actor';
import type { Change, Committed } from '../../domain/change';
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
  const leaf = leafHash(nodeSuite, line);
  const frontier = append(nodeSuite, ledger.frontier, leaf);
  const text = new TextDecoder().decode(line);
  await tx.$executeRaw`
    WITH appended AS (
      INSERT INTO ledger_entry
        (organization_id, index, type, at, operation_id, entry, leaf_hash, idempotency_key, request_digest)
      VALUES (${ledger.organization}::uuid, ${index}, ${change.type}, ${ledger.now}::timestamptz,
        ${operationId}::uuid, ${text}, ${bytes(leaf)}, ${entry.idempotencyKey}, ${entry.requestDigest})
    )
    UPDATE ledger_head SET size = ${frontier.size}, frontier = ${bytes(frontierToBytes(frontier))}
    WHERE organization_id = ${ledger.organization}::uuid`;
  ledger.frontier = frontier;
  return { index, entry: text, at: ledger.now, replayed: false, operationId };
}
