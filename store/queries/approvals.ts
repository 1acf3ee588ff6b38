import type { ApproverKey } from '../../domain/approval';
import { sha256OfText } from '../../domain/digest';
import type { DryRunId, OrganizationId } from '../../domain/ids';
import { parseJws } from '../../ledger/verify/jws';
import type { Queries } from '../database';
import type { Said } from '../ledger/said';

/**
 * Every key the ledger ever enrolled, the removed ones with the date, in its order. The rows hold only what was signed
 * for a key: one that they enrol, or whose removal they lack, is what the ledger says. A later key counts if the key
 * that vouched for it, by the ledger and by the signed word alike, wasn't removed by then.
 */
export async function findApproverKeys(
  queries: Queries,
  organizationId: OrganizationId,
  said: Said,
): Promise<readonly ApproverKey[]> {
  const rows = await queries.approverKey.findMany({
    where: { organizationId, enrolment: { not: null } },
    select: { enrolment: true },
  });
  const words = new Map<string, string>(
    rows.map(({ enrolment }) => [sha256OfText(enrolment ?? ''), enrolment ?? '']),
  );
  const keys = new Map<string, ApproverKey>();
  for (const { index, credentialId, publicX, enrolledAt, by, enrolmentSha256 } of said.keys) {
    if (keys.has(credentialId)) continue;
    const enrolment = enrolmentSha256 === null ? undefined : words.get(enrolmentSha256);
    const counted = (id: string) => keys.has(id) && !(Number(said.removals.get(id)?.index) < index);
    if (by !== null && !(counted(by) && enrolment !== undefined && parseJws(enrolment)?.kid === by)) continue;
    keys.set(credentialId, {
      credentialId,
      publicJwk: { kty: 'OKP', crv: 'Ed25519', x: publicX },
      role: 'customer-admin',
      enrolledAt,
      removedAt: said.removals.get(credentialId)?.at ?? null,
      ...(enrolment === undefined ? {} : { enrolment }),
    });
  }
  return [...keys.values()];
}

/** What enrolled keys signed to add or remove others, in the ledger's order. */
export async function findEnrolments(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<readonly string[]> {
  const where = { organizationId, enrolment: { not: null } };
  const select = { ledgerIndex: true, enrolment: true };
  const signed = [
    ...(await queries.approverKey.findMany({ where, select })),
    ...(await queries.approverRemoval.findMany({ where, select })),
  ];
  return signed
    .sort((a, b) => a.ledgerIndex - b.ledgerIndex)
    .flatMap(({ enrolment }) => (enrolment === null ? [] : [enrolment]));
}

/** Evidence of every decision ever accepted, as received, in the ledger's order. */
export async function findApprovals(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<readonly string[]> {
  const rows = await queries.approval.findMany({
    where: { organizationId },
    orderBy: { ledgerIndex: 'asc' },
    select: { evidence: true },
  });
  return rows.map((row) => row.evidence);
}

/** The customer's last decision over this dry-run, if it was to approve. */
export async function findApproval(
  queries: Queries,
  dryRunId: DryRunId,
): Promise<{ evidence: string; credentialId: string } | null> {
  const last = await queries.approval.findFirst({ where: { dryRunId }, orderBy: { ledgerIndex: 'desc' } });
  if (last === null || last.decision !== 'approve') return null;
  return { evidence: last.evidence, credentialId: last.credentialId };
}
