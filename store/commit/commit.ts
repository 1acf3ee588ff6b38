import type { ChangeType, Committed } from '../../domain/change';
import { Refusal } from '../../domain/failure';
import type { DeploymentId, LedgerIndex, OrganizationId } from '../../domain/ids';
import type { Signer } from '../../domain/ports/signer';
import type { CommitRequest, SealingRule } from '../contract';
import type { Database, Queries } from '../database';
import { appendEntry } from '../ledger/append';
import { type LockedLedger, lockLedger, type StoredEntry } from '../ledger/head';
import type { HeldLedger } from '../ledger/held-ledger';
import { applyOperationChange, applyUnfencedChange } from './apply';
import { checkFence } from './fence';
import { requestDigest } from './request-digest';
import type { OperationPatch } from './step';

export interface CommitParts {
  readonly database: Database;
  readonly signer: Signer;
  readonly deployment: DeploymentId;
  readonly sealing: SealingRule;
  readonly held: HeldLedger;
}

/**
 * One change and its ledger entry, in one transaction: lock the ledger's head; has this been done before? may
 * this operation do it? append the entry; write the rows; move the operation.
 */
export async function commit(parts: CommitParts, request: CommitRequest): Promise<Committed> {
  const committed = await parts.database.transactions.write((tx) => commitIn(tx, parts, request));
  // After a replay too: the first time may have ended between the transaction and this.
  if (RAISES_FLOOR.has(request.change.type)) await raiseEpochFloor(parts, request);
  return committed;
}

async function commitIn(tx: Queries, parts: CommitParts, request: CommitRequest): Promise<Committed> {
  const organization = request.fence === null ? request.organization : request.fence.organization;
  const { ledger, stored } = await lockLedger(tx, organization, request.idempotencyKey);
  const digest =
    request.fence === null
      ? requestDigest(request.change, null)
      : requestDigest(request.change, {
          operationId: request.fence.operationId,
          from: request.from,
        });
  if (stored !== null) return sameRequest(stored, digest);
  return request.fence === null
    ? commitUnfenced(tx, parts, ledger, request, digest)
    : commitFenced(tx, parts, ledger, request, digest);
}

/** @throws Refusal IDEMPOTENCY_KEY_REUSED */
export function sameRequest(stored: StoredEntry, digest: string): Committed {
  if (stored.requestDigest === digest) return stored.committed;
  throw new Refusal('IDEMPOTENCY_KEY_REUSED', `for entry ${stored.committed.index}`);
}

async function commitUnfenced(
  tx: Queries,
  parts: CommitParts,
  ledger: LockedLedger,
  request: Extract<CommitRequest, { fence: null }>,
  digest: string,
): Promise<Committed> {
  const { actor, change, idempotencyKey } = request;
  const entry = { actor, operationId: null, epoch: null, change, idempotencyKey, requestDigest: digest };
  const committed = await appendEntry(tx, ledger, entry);
  const { organization, now: at } = ledger;
  const { index } = committed;
  const said = saidBefore(tx, parts, committed.index, organization);
  await applyUnfencedChange({ tx, organization, index, at, actor, said }, change);
  return committed;
}

async function commitFenced(
  tx: Queries,
  parts: CommitParts,
  ledger: LockedLedger,
  request: Exclude<CommitRequest, { fence: null }>,
  digest: string,
): Promise<Committed> {
  const { actor, fence, change, to, guard, rotationGuard, idempotencyKey } = request;
  const { operationId, epoch } = fence;
  const operation = await checkFence(tx, fence, request);
  const entry = { actor, operationId, epoch, change, idempotencyKey, requestDigest: digest };
  const committed = await appendEntry(tx, ledger, entry);
  const { organization, now: at } = ledger;
  const { signer, deployment, sealing } = parts;
  const step = {
    tx,
    organization,
    index: committed.index,
    at,
    fence,
    operation,
    to,
    deployment,
    signer,
    sealing,
    guard,
    rotationGuard,
    said: saidBefore(tx, parts, committed.index, organization),
  };
  const patch = await applyOperationChange(step, change);
  const data = {
    ...(to === 'closed' && request.from !== 'closed' ? closing(request) : {}),
    ...moved(request, at),
    ...patch,
  };
  // The commonest changes alter nothing in the operation's row.
  if (Object.keys(data).length > 0) await tx.operation.update({ where: { id: operationId }, data });
  return committed;
}

const saidBefore =
  (tx: Queries, { held }: CommitParts, index: LedgerIndex, organization: OrganizationId) =>
  () =>
    held.said(tx, organization, { to: index });

function moved(
  { from, to }: { from: string; to: string },
  at: string,
): { stage?: string; stageSince?: string } {
  return from === to ? {} : { stage: to, stageSince: at };
}

function closing({ closing: given }: Exclude<CommitRequest, { fence: null }>): OperationPatch {
  return { holdsLock: false, outcome: given?.outcome ?? 'completed', reason: given?.reason ?? null };
}

/**
 * What follows a switch too: where the run that switched ended before it could raise the floor, the one that goes on from there
 * doesn't switch again.
 */
const RAISES_FLOOR: ReadonlySet<string> = new Set<ChangeType>([
  'custody-switched',
  'platform-sealed',
  'superseded-envelopes-erased',
]);

/** The signer signs no custody below the epoch of a committed one, so a stale operation gets no statement. */
async function raiseEpochFloor({ database, signer }: CommitParts, request: CommitRequest): Promise<void> {
  if (request.fence === null) return;
  const { statement } = await database.prisma.custody.findUniqueOrThrow({
    where: { organizationId: request.fence.organization },
    select: { statement: true },
  });
  await signer.raiseEpochFloor(statement);
}
