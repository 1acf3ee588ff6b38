import { approvalEvidence } from '../domain/approval';
import type { Instant, OrganizationId } from '../domain/ids';
import type { BundleInput } from '../ledger/bundle';
import type { ApiDeps } from './deps';

const PAGE = 1000;
/** A bundle's usage rows: some 10 MB at most. */
const USAGE_ROWS = 50_000;

/**
 * Everything the evidence bundle is made from, up to the head as it's now. The checkpoint comes first: what is
 * appended after it is left out of the bundle.
 * @param usageBefore where the usage rows end: a bundle has the newest whole minutes before it, as many as fit
 */
export async function evidenceOf(
  { store, signer, settings }: Pick<ApiDeps, 'store' | 'signer' | 'settings'>,
  organization: OrganizationId,
  usageBefore: Instant | null = null,
): Promise<BundleInput> {
  const checkpoint = await store.publishCheckpoint(organization);
  const { checkpointVkey } = await signer.keys();
  return {
    entries: await allEntries(store, organization),
    checkpoint,
    vkey: checkpointVkey,
    custodyKeys: settings.custodyKeys,
    orderIssuers: settings.orderIssuerKeys,
    actors: settings.actorKeys,
    statements: await store.statements(organization),
    orders: await store.orders(organization),
    enrolments: await store.enrolments(organization),
    approvals: (await store.approvals(organization)).map(signedIn),
    usage: await store.usageRows(organization, { before: usageBefore, limit: USAGE_ROWS }),
  };
}

/** The signed text inside stored evidence: a bundle has one compact JWS a line. */
const signedIn = (evidence: string): string => approvalEvidence.parse(JSON.parse(evidence)).jws;

async function allEntries(store: ApiDeps['store'], organization: OrganizationId): Promise<Uint8Array[]> {
  const { size } = await store.ledgerHead(organization);
  const utf8 = new TextEncoder();
  const entries: Uint8Array[] = [];
  for (let from = 0; from < size; from += PAGE) {
    const lines = await store.ledgerLines(organization, from, Math.min(PAGE, size - from));
    for (const { entry } of lines) entries.push(utf8.encode(entry));
  }
  return entries;
}
