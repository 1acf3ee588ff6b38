import type { OperationChange, UnfencedChange } from '../../domain/change';
import type { DeploymentId, Epoch, OperationId } from '../../domain/ids';
import type { StatementVerifier } from '../../domain/ports/authority';
import type { LedgerText } from '../../domain/ports/publication';
import { stageAfter } from '../../domain/stage-after';
import type { RecordedEntry } from '../../ledger/recorded-entry';
import { requestDigest } from '../commit/request-digest';
import type { Queries } from '../database';
import { appendLine } from '../ledger/append';
import type { LockedLedger } from '../ledger/head';
import { HeldLedger } from '../ledger/held-ledger';
import { NotRestorable } from './not-restorable';
import { findForRestore, moveOperation, restoreClaim } from './operation-row';
import { restoreOperationRows } from './operation-rows';
import { publishedSignatures, type RestoreStep, textOf } from './step';
import { restoreUnfencedRows } from './unfenced-rows';

export interface EntryParts {
  readonly deployment: DeploymentId;
  readonly statements: StatementVerifier;
}

interface Published extends RecordedEntry {
  readonly line: string;
  readonly texts: readonly LedgerText[];
}

/** Appends one entry, under the idempotency key it had, and writes its rows: whoever repeats its step finds it done. */
export async function restoreEntry(
  tx: Queries,
  parts: EntryParts,
  ledger: LockedLedger,
  published: Published,
): Promise<void> {
  const { frame, change, texts, line } = published;
  const { organization, index, at, operationId, epoch, actor } = frame;
  const idempotencyKey = textOf(texts, 'idempotency-key');
  if (idempotencyKey === null)
    throw new NotRestorable(`the idempotency key of entry ${index} wasn't published`);
  const append = (of: Parameters<typeof requestDigest>[1]) => {
    const { type } = change;
    const digest = requestDigest(change, of);
    return appendLine(tx, ledger, line, { type, operationId, idempotencyKey, requestDigest: digest });
  };
  // By the lines alone: they are those that were signed, and the signer's head is beyond them.
  const unread = new HeldLedger({ lastHead: async () => null }, parts.deployment);
  const said = () => unread.said(tx, organization, { head: null, to: index });

  if (operationId === null || epoch === null) {
    await append(null);
    const step = { tx, organization, index, at, actor, said };
    return restoreUnfencedRows(step, change as UnfencedChange, texts);
  }
  if (change.type === 'organization-created') return append(null);
  if (change.type === 'operation-opened' || change.type === 'operation-claimed') {
    await append(null);
    const claim = { id: operationId, kind: change.kind, epoch, idempotencyKey };
    return restoreClaim(tx, ledger, change.type, claim);
  }
  const made = change as OperationChange;
  const operation = await findForRestore(tx, operationId);
  const to = stageAfter(made, operation);
  await append({ operationId, from: operation.stage });
  const step = { tx, organization, index, at, said, operation, to, texts };
  const patch = await restoreOperationRows(stepOf(parts, step, { operationId, epoch }), made);
  await moveOperation(tx, operationId, { from: operation.stage, to, at }, made, patch);
}

function stepOf(
  { deployment, statements }: EntryParts,
  step: Omit<
    RestoreStep,
    'fence' | 'deployment' | 'signer' | 'sealing' | 'guard' | 'rotationGuard' | 'custody'
  >,
  { operationId, epoch }: { readonly operationId: OperationId; readonly epoch: Epoch },
): RestoreStep {
  const { texts, index, organization } = step;
  return {
    ...step,
    deployment,
    fence: { organization, operationId, epoch },
    signer: publishedSignatures(texts, statements),
    // As many refusals as the deployment wanted then.
    sealing: { refusals: 0, overMs: 0 },
    guard: undefined,
    rotationGuard: undefined,
    async custody() {
      const jws = textOf(texts, 'statement-custody');
      if (jws === null) throw new NotRestorable(`the custody statement of entry ${index} wasn't published`);
      return statements.custody(jws).catch(() => {
        throw new NotRestorable(`the custody statement of entry ${index} isn't ours`);
      });
    },
  };
}
