import { type EndpointId, instantOf, type OrganizationId } from '../../domain/ids';
import type { CheckpointPush } from '../audit-contract';
import type { Queries } from '../database';

export async function findPushes(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<ReadonlyMap<EndpointId, CheckpointPush>> {
  const rows = await queries.checkpointPush.findMany({ where: { organizationId } });
  return new Map(
    rows.map(({ endpointId, size, pushedAt }) => [
      endpointId as EndpointId,
      { size, at: instantOf(pushedAt.getTime()) },
    ]),
  );
}

export async function recordPush(
  queries: Queries,
  organizationId: OrganizationId,
  endpointId: EndpointId,
  { size, at: pushedAt }: CheckpointPush,
): Promise<void> {
  await queries.checkpointPush.upsert({
    where: { organizationId_endpointId: { organizationId, endpointId } },
    create: { organizationId, endpointId, size, pushedAt },
    update: { size, pushedAt },
  });
}
