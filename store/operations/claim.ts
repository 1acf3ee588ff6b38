import { UNVERIFIED } from '../../domain/actor';
import { Refusal } from '../../domain/failure';
import type { Epoch, OperationId, OrganizationId } from '../../domain/ids';
import { FIRST_STAGE } from '../../domain/stages';
import type { Custody, Operation } from '../../generated/prisma/client';
import { requestDigest } from '../commit/request-digest';
import type { ClaimRequest, OperationRecord } from '../contract';
import type { Queries } from '../database';
import { appendEntry } from '../ledger/append';
import { type LockedLedger, lockLedger } from '../ledger/head';
import { operationFrom } from '../queries/operation';
import { spendOnRun } from '../spent-tokens';
import { type Random, uuid } from './identifiers';

/** One per operation and claimant: it has claimed at most once. */
export const claimKey = (operationId: string, claimant: string): string => `claim/${operationId}/${claimant}`;

/**
 * Opens an operation, or takes over the open one of that kind with the next epoch: from then on every commit of
 * the former claimant is refused. A claimant that was itself taken over from doesn't get it back.
 * @throws Refusal ORGANIZATION_UNKNOWN, ALREADY_ACTIVE, OPERATION_STALE, ORGANIZATION_EXISTS (`create` is opened
 *   by creating the organization), NOT_CUSTOMER_CUSTODY, FORBIDDEN (a rotation that nobody known asks for),
 *   OPERATION_UNKNOWN (`only` isn't open)
 */
export async function claimIn(tx: Queries, random: Random, request: ClaimRequest): Promise<OperationRecord> {
  const { kind, claimant } = request;
  const organization = await tx.organization.findUnique({ where: { name: request.organization } });
  if (organization === null) throw new Refusal('ORGANIZATION_UNKNOWN');
  const organizationId = organization.id as OrganizationId;
  const { ledger } = await lockLedger(tx, organizationId, '');

  const newest = { orderBy: { epoch: 'desc' } } as const;
  const own = await tx.operation.findFirst({ where: { organizationId, kind, claimant }, ...newest });
  if (own !== null) return operationFrom(tx, own);
  const open = await tx.operation.findFirst({ where: { organizationId, kind, stage: { not: 'closed' } } });
  const { jti = null, only } = request;
  if (only !== undefined && open?.id !== only) throw new Refusal('OPERATION_UNKNOWN', 'it isn’t open');
  const isFirst = jti === null || (await spendOnRun(tx, organizationId, jti, claimant));
  const actor = isFirst ? request.actor : UNVERIFIED;
  if (open !== null) return operationFrom(tx, await takeOver(tx, ledger, open, { kind, claimant, actor }));
  const { ask } = request;
  return operationFrom(
    tx,
    await openNew(tx, ledger, random, { kind, claimant, actor, ...(ask === undefined ? {} : { ask }) }),
  );
}

type Claiming = Pick<ClaimRequest, 'kind' | 'claimant' | 'actor' | 'ask'>;

export async function takeOver(
  tx: Queries,
  ledger: LockedLedger,
  open: Operation,
  { kind, claimant, actor }: Claiming,
): Promise<Operation> {
  const { organization: organizationId } = ledger;
  const idempotencyKey = claimKey(open.id, claimant);
  const before = await tx.ledgerEntry.findUnique({
    where: { organizationId_idempotencyKey: { organizationId, idempotencyKey } },
    select: { index: true },
  });
  if (before !== null) throw new Refusal('OPERATION_STALE', 'another run has taken over from this one');
  const epoch = await nextEpoch(tx, organizationId);
  const change = { type: 'operation-claimed', kind } as const;
  await appendEntry(tx, ledger, {
    actor,
    operationId: open.id as OperationId,
    epoch,
    change,
    idempotencyKey,
    requestDigest: requestDigest(change, null),
  });
  return tx.operation.update({ where: { id: open.id }, data: { epoch, claimant } });
}

async function openNew(
  tx: Queries,
  ledger: LockedLedger,
  random: Random,
  { kind, claimant, actor: asking, ask }: Claiming,
): Promise<Operation> {
  const { organization: organizationId } = ledger;
  if (kind === 'create') throw new Refusal('ORGANIZATION_EXISTS');
  const custody = await tx.custody.findUnique({ where: { organizationId } });
  if (kind === 'activate' && custody?.custody === 'customer') throw new Refusal('ALREADY_ACTIVE');
  const isActive = custody?.custody === 'customer' && !custody.sealing;
  if (kind === 'rotate' && !isActive) throw new Refusal('NOT_CUSTOMER_CUSTODY');
  // Nothing of ours opens an operation, but a rotation that is due: this run was started without our word for who did.
  const actor = asking.kind === 'system' && kind !== 'rotate' ? UNVERIFIED : asking;
  if (kind === 'rotate' && actor.kind === UNVERIFIED.kind) throw new Refusal('FORBIDDEN');
  const id = uuid(random) as OperationId;
  const epoch = await nextEpoch(tx, organizationId);
  const change = { type: 'operation-opened', kind, ...(ask === undefined ? {} : { ask }) } as const;
  await appendEntry(tx, ledger, {
    actor,
    operationId: id,
    epoch,
    change,
    idempotencyKey: claimKey(id, claimant),
    requestDigest: requestDigest(change, null),
  });
  return tx.operation.create({ data: beginning(ledger, { id, kind, epoch, claimant }, custody) });
}

/** An operation's row at its opening. */
export function beginning(
  { organization: organizationId, now }: Pick<LockedLedger, 'organization' | 'now'>,
  operation: Pick<OperationRecord, 'id' | 'kind' | 'epoch'> & { readonly claimant: string },
  custody: Pick<Custody, 'connectionId'> | null,
) {
  const { kind } = operation;
  const connectionId = kind === 'rotate' ? (custody?.connectionId ?? null) : null;
  const stage = FIRST_STAGE[kind];
  // A new organization's holds the lock until its first key version is live.
  const row = { ...operation, organizationId, stage, holdsLock: kind === 'create', connectionId };
  return { ...row, stageSince: now, openedAt: now };
}

async function nextEpoch(tx: Queries, organizationId: OrganizationId): Promise<Epoch> {
  const { _max } = await tx.operation.aggregate({ where: { organizationId }, _max: { epoch: true } });
  return ((_max.epoch ?? 0) + 1) as Epoch;
}
