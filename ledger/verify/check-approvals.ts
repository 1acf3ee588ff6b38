import { APPROVAL_TYP, type ApprovalPayload, approvalPayload } from '../../domain/approval';
import type { Approver } from './approvers';
import type { Subject } from './check-orders';
import { BUNDLE_FILES, type Findings } from './findings';
import type { SignedLine } from './jws-lines';
import type { LedgerEntry, LedgerLines } from './ledger-lines';

const FILE = BUNDLE_FILES.approvals;

/**
 * Each signed approval against its `approval-accepted` entry, found by its nonce: the same plan and decision,
 * by a key that counted then, before its end; and each such entry against the approvals.
 */
export function checkApprovals(
  approvals: readonly SignedLine[],
  lines: LedgerLines,
  subject: Subject,
  approvers: readonly Approver[],
  findings: Findings,
): void {
  const accepted = new Map<unknown, LedgerEntry>();
  for (const entry of lines.ofTypes(['approval-accepted'])) accepted.set(entry.body['nonce'], entry);
  const entries = [...accepted.values()];
  for (const approval of approvals) {
    const { data } = approvalPayload.safeParse(approval.payload);
    if (data === undefined || approval.typ !== APPROVAL_TYP) {
      findings.add('FILE_MALFORMED', FILE, approval.line, 'not an approval');
      continue;
    }
    if (data.deployment !== subject.deployment || data.org !== subject.organization) {
      findings.add(
        'OTHER_ORGANIZATION',
        FILE,
        approval.line,
        'an approval for another deployment or organization',
      );
      continue;
    }
    const entry = accepted.get(data.nonce);
    const problem = entry === undefined ? 'no entry accepts it' : problemOf(data, entry, approvers);
    if (problem !== undefined) findings.add('NOT_IN_LEDGER', FILE, approval.line, problem);
    if (!accepted.delete(data.nonce) && entries.some((e) => e.body['nonce'] === data.nonce)) {
      findings.add('FILE_MALFORMED', FILE, approval.line, 'the same approval twice');
    }
  }
  for (const entry of accepted.values()) {
    findings.add('EVIDENCE_MISSING', FILE, null, `no signed approval for entry ${entry.index}`);
  }
}

function problemOf(
  approval: ApprovalPayload,
  entry: LedgerEntry,
  approvers: readonly Approver[],
): string | undefined {
  const { planDigest, dryRunId, decision, credentialId } = approval;
  if (entry.operationId !== approval.operationId) return `entry ${entry.index} has another operationId`;
  const expected = { planDigest, dryRunId, decision, credentialId };
  const member = Object.entries(expected).find(([name, value]) => entry.body[name] !== value)?.[0];
  if (member !== undefined) return `entry ${entry.index} has another ${member}`;
  const counted = approvers.some(
    (a) => a.credentialId === credentialId && a.enrolledAt < entry.index && entry.index < a.removedAt,
  );
  if (!counted) return `its key was not enrolled at entry ${entry.index}`;
  if (Date.parse(entry.at) > approval.exp * 1000) return `it had expired at entry ${entry.index}`;
  return undefined;
}
