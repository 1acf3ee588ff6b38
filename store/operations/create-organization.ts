import type { Actor } from '../../domain/actor';
import { Refusal } from '../../domain/failure';
import type { Epoch, OperationId, OrganizationId, OrganizationName } from '../../domain/ids';
import { requestDigest } from '../commit/request-digest';
import type { OperationRecord, StoreOptions } from '../contract';
import type { Queries } from '../database';
import { appendEntry } from '../ledger/append';
import { createLedger } from '../ledger/head';
import { operationFrom } from '../queries/operation';
import { claimKey } from './claim';
import { externalId, uuid } from './identifiers';

/**
 * The organization, its ledger and its `create` operation, which holds the lock until the first key version is
 * live. Entries 0 and 1.
 * @throws Refusal ORGANIZATION_EXISTS unless the same claimant created it
 */
export async function createOrganizationIn(
  tx: Queries,
  options: Pick<StoreOptions, 'random' | 'deployment' | 'mode'>,
  request: { name: OrganizationName; claimant: string; actor: Actor },
): Promise<OperationRecord> {
  const { name, claimant, actor } = request;
  const { random, deployment, mode } = options;
  const id = uuid(random) as OrganizationId;
  const external = externalId(random);
  // A concurrent creation of the same name is waited for here.
  const created = await tx.$executeRaw`
    INSERT INTO organization (id, name, external_id, created_at)
    VALUES (${id}::uuid, ${name}, ${external}, date_trunc('milliseconds', clock_timestamp()))
    ON CONFLICT (name) DO NOTHING`;
  if (created === 0) return earlierCreation(tx, name, claimant);

  const ledger = await createLedger(tx, id);
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
  const row = await tx.operation.create({
    data: {
      id: operationId,
      organizationId: id,
      kind: 'create',
      epoch: 1,
      stage: 'entitlement',
      holdsLock: true,
      claimant,
      stageSince: ledger.now,
      openedAt: ledger.now,
    },
  });
  return operationFrom(tx, row);
}

async function earlierCreation(
  tx: Queries,
  name: OrganizationName,
  claimant: string,
): Promise<OperationRecord> {
  const organization = await tx.organization.findUniqueOrThrow({ where: { name } });
  const row = await tx.operation.findFirst({
    where: { organizationId: organization.id, kind: 'create', claimant },
  });
  if (row === null) throw new Refusal('ORGANIZATION_EXISTS');
  return operationFrom(tx, row);
}
