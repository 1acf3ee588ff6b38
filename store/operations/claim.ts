import { UNVERIFIED } from '../../domain/actor';
import { APPROVED_KINDS, isApproved } from '../../domain/custody';
import { Refusal } from '../../domain/failure';
import type { Epoch, OperationId, OrganizationId } from '../../domain/ids';
import { FIRST_STAGE } from '../../domain/stages';
import type { Custody, Operation } from '../../generated/prisma/client';
import { requestDigest } from '../commit/request-digest';
import type { ClaimRequest, OperationRecord } from '../contract';
import type { Queries } from '../database';
import { appendEntry } from '../ledger/append';
import { type LockedLedger, lockLedger } from '../ledger/head';
import { demandNoIncident } from '../queries/incident';
import { operationFrom } from '../queries/operation';
import { spendOnRun } from '../spent-tokens';
import { type Random, uuid } from './identifiers';

/** One per operation and claimant: it has claimed at most once. */
export const claimKey = (operationId: string, claimant: string): string => `claim/${operationId}/${claimant}`;

/** Of a claimant's second claim, and further ones: under a later epoch than the one that custody has come to meanwhile. */
const laterClaimKey = (operationId: string, claimant: string, passed: number): string =>
  `${claimKey(operationId, claimant)}/after/${passed}`;
/** Who claimed, from what follows the operation in a claim's key. */
export const claimantOf = (rest: string): string => rest.replace(/\/after\/\d+$/, '');

/**
 * Opens an operation, or takes over the open one of that kind with the next epoch: from then on every commit of
 * the former claimant is refused. A claimant that was itself taken over from doesn't get it back.
 * @throws Refusal ORGANIZATION_UNKNOWN, ALREADY_ACTIVE, OPERATION_OPEN, OPERATION_STALE, ORGANIZATION_EXISTS (`create` is opened
 *   by creating the organization), NOT_CUSTOMER_CUSTODY, FORBIDDEN (what nobody known asks for, but an activation),
 *   INCIDENT_OPEN (an offboarding), OPERATION_UNKNOWN (`only` isn't open)
 */
export async function claimIn(tx: Queries, random: Random, request: ClaimRequest): Promise<OperationRecord> {
  const { kind, claimant } = request;
  const organization = await tx.organization.findUnique({ where: { name: request.organization } });
  if (organization === null) throw new Refusal('ORGANIZATION_UNKNOWN');
  const organizationId = organization.id as OrganizationId;
  const { ledger } = await lockLedger(tx, organizationId, '');

  const newest = { orderBy: { epoch: 'desc' } } as const;
  const own = await tx.operation.findFirst({ where: { organizationId, kind, claimant }, ...newest });
  if (own !== null) return operationFrom(tx, await underLaterEpoch(tx, ledger, own, request));
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
  return raiseEpoch(tx, ledger, open, { kind, claimant, actor, idempotencyKey });
}

async function raiseEpoch(
  tx: Queries,
  ledger: LockedLedger,
  open: Operation,
  { kind, claimant, actor, idempotencyKey }: Claiming & { readonly idempotencyKey: string },
): Promise<Operation> {
  const epoch = await nextEpoch(tx, ledger.organization);
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

/**
 * A rotation that switched while this operation waited has left it behind: custody only ever goes on to a later epoch, so
 * it claims one.
 */
async function underLaterEpoch(
  tx: Queries,
  ledger: LockedLedger,
  own: Operation,
  { kind, claimant, actor }: Claiming,
): Promise<Operation> {
  const { organizationId } = own;
  const custody = await tx.custody.findUnique({ where: { organizationId }, select: { epoch: true } });
  if (own.stage === 'closed' || own.stage === 'sealing' || (custody?.epoch ?? 0) <= own.epoch) return own;
  return raiseEpoch(tx, ledger, own, {
    ...{ kind, claimant, actor },
    idempotencyKey: laterClaimKey(own.id, claimant, custody?.epoch ?? 0),
  });
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
  if (kind !== 'activate' && !isActive) throw new Refusal('NOT_CUSTOMER_CUSTODY');
  if (isApproved(kind)) await demandNoneOpen(tx, organizationId);
  // Nothing of ours opens an operation, but a rotation that is due: this run was started without our word for who did.
  const actor = asking.kind === 'system' && kind !== 'rotate' ? UNVERIFIED : asking;
  if (kind !== 'activate' && actor.kind === UNVERIFIED.kind) throw new Refusal('FORBIDDEN');
  if (kind === 'offboard') await demandNoIncident(tx, organizationId);
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
  const goesByCustody = kind === 'rotate' || kind === 'offboard';
  const connectionId = goesByCustody ? (custody?.connectionId ?? null) : null;
  const stage = FIRST_STAGE[kind];
  // A new organization's holds the lock until its first key version is live.
  const row = { ...operation, organizationId, stage, holdsLock: kind === 'create', connectionId };
  return { ...row, stageSince: now, openedAt: now };
}

/** Of those that people approve. @throws Refusal OPERATION_OPEN, which names the kind that is open */
async function demandNoneOpen(tx: Queries, organizationId: OrganizationId): Promise<void> {
  const open = await tx.operation.findFirst({
    where: { organizationId, kind: { in: [...APPROVED_KINDS] }, stage: { not: 'closed' } },
    select: { kind: true },
  });
  if (open !== null) throw new Refusal('OPERATION_OPEN', open.kind);
}

async function nextEpoch(tx: Queries, organizationId: OrganizationId): Promise<Epoch> {
  const { _max } = await tx.operation.aggregate({ where: { organizationId }, _max: { epoch: true } });
  return ((_max.epoch ?? 0) + 1) as Epoch;
}
