import type { ActorClaims } from '../actor';
import type { ApprovalEvidence, ApprovalPayload, ApproverKey } from '../approval';
import type { EnrolmentPayload } from '../enrolment';
import type { DeploymentId, Instant, OperationId, OrganizationId, OrganizationName, Sha256Hex } from '../ids';
import type { MaintenancePayload } from '../maintenance';
import type { OrderClaims } from '../order';
import type { CustodyStatement, EnvelopeStatement, OffboardedStatement, SealedStatement } from '../statement';

export interface ExpectedApproval {
  readonly organization: OrganizationId;
  readonly operationId: OperationId;
  readonly planDigest: Sha256Hex;
  readonly decision: 'approve' | 'reject';
}

/**
 * Signatures, checked again at every use. Each method returns what was signed or throws {@link Refusal}. Algorithm
 * (EdDSA) and `typ` are fixed; `jwk`, `jku`, `x5c`, `x5u` and `crit` headers are refused; keys come from
 * configuration or enrolment only.
 */
export interface Authority {
  readonly deployment: DeploymentId;
  /** Signature, issuer, audience, organization, expiry at `now`. Replay and withdrawal are judged by whoever knows the other orders. */
  order(jws: string, organization: OrganizationId, now: Instant): Promise<OrderClaims>;
  /** Against the enrolled keys; single use of the nonce is judged by the store. `planDigest` etc. must match `expected`. */
  approval(
    evidence: ApprovalEvidence,
    keys: readonly ApproverKey[],
    expected: ExpectedApproval,
    now: Instant,
  ): Promise<ApprovalPayload>;
  /**
   * Of the keys on record, those that signatures lead to: named by one of these orders, or vouched for by one that
   * is. Asked before every use, because a row alone makes nobody an approver.
   */
  rooted(
    keys: readonly ApproverKey[],
    orders: readonly string[],
    organization: OrganizationId,
  ): Promise<readonly ApproverKey[]>;
  /** An enrolled key's signed word that another is added or removed. */
  enrolment(
    jws: string,
    organization: OrganizationId,
    keys: readonly ApproverKey[],
    now: Instant,
  ): Promise<EnrolmentPayload>;
  /** An enrolled key's signed word about maintenance; that its nonce counts once is judged by the store. */
  maintenance(
    jws: string,
    organization: OrganizationId,
    keys: readonly ApproverKey[],
    now: Instant,
  ): Promise<MaintenancePayload>;
  /**
   * Our API's word that a member of staff approved this operation's plan; a token that has run out since.
   * @returns the name of that person. @throws Refusal OPERATOR_APPROVAL_INVALID
   */
  operatorApproval(
    proof: string,
    expected: {
      readonly organization: OrganizationName;
      readonly operationId: OperationId;
      readonly planDigest: Sha256Hex;
    },
  ): Promise<string>;
  actor(token: string, action: string, payloadDigest: Sha256Hex, now: Instant): Promise<ActorClaims>;
}

/** Statements, checked before any provider call. Throws `ProviderFailure('STATEMENT_INVALID')`. */
export interface StatementVerifier {
  envelope(jws: string): Promise<EnvelopeStatement>;
  custody(jws: string): Promise<CustodyStatement>;
  sealed(jws: string): Promise<SealedStatement>;
  /** The two approvals in it are of its plan, too; whose they are was judged at the switch. */
  offboarded(jws: string): Promise<OffboardedStatement>;
}
