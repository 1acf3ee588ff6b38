import { PUSH_EVERY_MS, pushBody, pushId, type SignedHead } from '../../domain/checkpoint-push';
import { msOf, type OrganizationId } from '../../domain/ids';
import type { NoticeEndpoint } from '../../domain/ports/notices';
import { webhookCall } from '../../domain/webhook';
import type { AuditDeps } from './deps';

/**
 * Sends the newest signed head of a ledger that was found well to each of its organization's endpoints, once an hour at
 * most: whoever keeps them finds out, without us, whether history was rewritten. What isn't taken is sent again by
 * a later audit, under the same id; what is refused for good waits for the next head.
 */
export async function pushCheckpoint(deps: AuditDeps, organization: OrganizationId): Promise<void> {
  const { store, notices } = deps;
  const endpoints = await notices.records.noticeEndpoints(organization);
  if (endpoints.length === 0) return;
  const head = await store.latestCheckpoint(organization);
  if (head === null) return;
  const pushes = await store.checkpointPushes(organization);
  const dueBefore = msOf(await store.now()) - PUSH_EVERY_MS;
  const due = endpoints.filter(({ endpoint }) => {
    const last = pushes.get(endpoint);
    return last === undefined || (last.size < head.size && msOf(last.at) <= dueBefore);
  });
  await Promise.all(due.map((endpoint) => push(deps, organization, endpoint, head)));
}

async function push(
  { store, notices }: AuditDeps,
  organization: OrganizationId,
  { endpoint, url }: NoticeEndpoint,
  head: SignedHead,
): Promise<void> {
  const { deployment, couriers, endpointSecret } = notices;
  const at = await store.now();
  const id = pushId(deployment, endpoint, head.note);
  const secret = endpointSecret(organization, endpoint);
  const body = pushBody(deployment, organization, at, head);
  const { verdict } = await couriers.post(webhookCall(url, secret, id, at, body));
  if (verdict === 'later') return;
  await store.recordCheckpointPush(organization, endpoint, { size: head.size, at });
}
