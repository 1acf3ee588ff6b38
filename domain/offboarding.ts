import { actorClaims, may } from './actor';
import { approvalPayload } from './approval';
import type { OperationId, Sha256Hex } from './ids';
import { actorPayloadDigest } from './message';
import type { OffboardedStatement } from './statement';

/** What our API's word for a member of staff's approval is over: this operation's plan, and nothing else. */
export const operatorApprovalDigest = (operationId: OperationId, planDigest: Sha256Hex): Sha256Hex =>
  actorPayloadDigest({ operationId, planDigest });

/**
 * Whether the two approvals that a statement carries are of its organization, its operation and its very plan. Whose
 * signatures they are is judged at the switch, by the keys that count then, and by whoever verifies the evidence: the
 * cipher must go on though a key is removed later.
 * @param customer, @param operator payloads of the two signed texts, not yet believed
 */
export function isOfItsPlan(
  { organization, operationId, planDigest }: Omit<OffboardedStatement, 'ledgerIndex' | 'epoch'>,
  customer: unknown,
  operator: unknown,
): boolean {
  const signed = approvalPayload.safeParse(customer).data;
  const word = actorClaims.safeParse(operator).data;
  return (
    signed?.decision === 'approve' &&
    signed.org === organization &&
    signed.operationId === operationId &&
    signed.planDigest === planDigest &&
    word?.action === 'approveOffboarding' &&
    may(word.role, 'approveOffboarding') &&
    word.payloadDigest === operatorApprovalDigest(operationId, planDigest)
  );
}
