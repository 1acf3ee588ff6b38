import type { ApproverKey } from '../../domain/approval';
import { type DryRunId, instantOf, type OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';

/** Every key ever enrolled, the removed ones with the date, in the order of enrolment. */
export async function findApproverKeys(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<readonly ApproverKey[]> {
  const [keys, removals] = [
    await queries.approverKey.findMany({ where: { organizationId }, orderBy: { ledgerIndex: 'asc' } }),
    await queries.approverRemoval.findMany({ where: { organizationId } }),
  ];
  const removedAt = new Map(removals.map((removal) => [removal.credentialId, removal.removedAt]));
  return keys.map((key) => ({
    credentialId: key.credentialId,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: key.publicX },
    role: 'customer-admin',
    enrolledAt: instantOf(key.enrolledAt.getTime()),
    removedAt: toInstant(removedAt.get(key.credentialId)),
    ...(key.enrolment === null ? {} : { enrolment: key.enrolment }),
  }));
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

function toInstant(date: Date | undefined) {
  return date === undefined ? null : instantOf(date.getTime());
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
