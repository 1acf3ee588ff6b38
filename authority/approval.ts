import {
  APPROVAL_TYP,
  type ApprovalEvidence,
  type ApprovalPayload,
  type ApproverKey,
  approvalPayload,
} from '../domain/approval';
import { Refusal } from '../domain/failure';
import type { Instant } from '../domain/ids';
import type { ExpectedApproval } from '../domain/ports/authority';
import { signedByCustomer } from './signed-by-customer';
import type { Trust } from './trust';

/**
 * The customer's decision over exactly the expected plan, by a key enrolled now.
 * @throws Refusal APPROVAL_MALFORMED, APPROVAL_KEY_UNKNOWN, APPROVAL_KEY_REMOVED, APPROVAL_SIGNATURE_INVALID,
 * APPROVAL_OTHER_PLAN, APPROVAL_EXPIRED
 */
export async function verifyApproval(
  trust: Trust,
  evidence: ApprovalEvidence,
  keys: readonly ApproverKey[],
  expected: ExpectedApproval,
  now: Instant,
): Promise<ApprovalPayload> {
  switch (evidence.kind) {
    case 'jws': {
      const kind = { typ: APPROVAL_TYP, schema: approvalPayload };
      const here = { deployment: trust.deployment, organization: expected.organization, now };
      const { payload, key } = await signedByCustomer(evidence.jws, kind, keys, here);
      if (payload.role !== key.role) throw new Refusal('APPROVAL_KEY_UNKNOWN', 'enrolled for another role');
      compare(payload, expected);
      return payload;
    }
    default: {
      const unknown: never = evidence.kind;
      throw new Error(`unknown kind of approval ${String(unknown)}`);
    }
  }
}

function compare(payload: ApprovalPayload, expected: ExpectedApproval): void {
  if (payload.operationId !== expected.operationId)
    throw new Refusal('APPROVAL_OTHER_PLAN', 'another operation');
  if (payload.planDigest !== expected.planDigest)
    throw new Refusal('APPROVAL_OTHER_PLAN', 'another plan digest');
  if (payload.decision !== expected.decision) throw new Refusal('APPROVAL_OTHER_PLAN', 'another decision');
}
