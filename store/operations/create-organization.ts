import type { Actor } from '../../domain/actor';
import { Refusal } from '../../domain/failure';
import type { Epoch, OperationId, OrganizationId, OrganizationName } from '../../domain/ids';
import { requestDigest } from '../commit/request-digest';
import type { OperationRecord, StoreOptions } from '../contract';
import type { Queries } from '../database';
import { appendEntry } from '../ledger/append';
import { createLedger, lockLedger } from '../ledger/head';
import { operationFrom } from '../queries/operation';
import { spendOnRun } from '../spent-tokens';
import { beginning, claimKey, takeOver } from './claim';
import { externalId, uuid } from './identifiers';

interface Creation {
  readonly name: OrganizationName;
  readonly claimant: string;
  readonly actor: Actor;
  readonly jti?: string | null;
}

/**
 * The organization, its ledger and its `create` operation, which holds the lock until the first key version is
 * live. Entries 0 and 1. Where a run failed halfway, the next one takes its operation over.
 * @throws Refusal ORGANIZATION_EXISTS where it's finished by another claimant, OPERATION_STALE, ACTOR_INVALID
 */
export async function createOrganizationIn(
  tx: Queries,
  options: Pick<StoreOptions, 'random' | 'deployment' | 'mode'>,
  request: Creation,
): Promise<OperationRecord> {
  const { name, claimant, actor, jti = null } = request;
  const { random, deployment, mode } = options;
  const id = uuid(random) as OrganizationId;
  const external = externalId(random);
  // A concurrent creation of the same name is waited for here.
  const created = await tx.$executeRaw`
    INSERT INTO organization (id, name, external_id, created_at)
    VALUES (${id}::uuid, ${name}, ${external}, date_trunc('milliseconds', clock_timestamp()))
    ON CONFLICT (name) DO NOTHING`;
  if (created === 0) return earlierCreation(tx, request);

  const ledger = await createLedger(tx, id);
  if (jti !== null) await spendOnRun(tx, id, jti, claimant);
  const operationId = uuid(random) as OperationId;
  const frame = { actor, operationId, epoch: 1 as Epoch };
  const organizationCreated = {
    type: 'organization-created',
    id,
    name,
    externalId: external,
    deployment,
    mode,
  } as const;
  const opened = { type: 'operation-opened', kind: 'create' } as const;
  await appendEntry(tx, ledger, {
    ...frame,
    change: organizationCreated,
    idempotencyKey: 'organization-created',
    requestDigest: requestDigest(organizationCreated, null),
  });
  await appendEntry(tx, ledger, {
    ...frame,
    change: opened,
    idempotencyKey: claimKey(operationId, claimant),
    requestDigest: requestDigest(opened, null),
  });
  const data = beginning(ledger, { id: operationId, kind: 'create', epoch: frame.epoch, claimant }, null);
  const row = await tx.operation.create({ data });
  return operationFrom(tx, row);
}

async function earlierCreation(
  tx: Queries,
  { name, claimant, actor, jti = null }: Creation,
): Promise<OperationRecord> {
  const { id } = await tx.organization.findUniqueOrThrow({ where: { name } });
  const organizationId = id as OrganizationId;
  const { ledger } = await lockLedger(tx, organizationId, '');
  const row = await tx.operation.findFirstOrThrow({ where: { organizationId, kind: 'create' } });
  if (row.claimant === claimant) return operationFrom(tx, row);
  if (row.stage === 'closed') throw new Refusal('ORGANIZATION_EXISTS');
  if (jti !== null && !(await spendOnRun(tx, organizationId, jti, claimant)))
    throw new Refusal('ACTOR_INVALID', 'it has started another run');
  return operationFrom(tx, await takeOver(tx, ledger, row, { kind: 'create', claimant, actor }));
}
