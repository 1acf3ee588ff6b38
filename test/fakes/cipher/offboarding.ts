import { randomUUID } from 'node:crypto';
import type { ActorClaims } from '../../../domain/actor';
import type { ApprovalPayload } from '../../../domain/approval';
import type {
  DeploymentId,
  DryRunId,
  Epoch,
  Jws,
  KeyRef,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
  Sha256Hex,
  Thumbprint,
} from '../../../domain/ids';
import { operatorApprovalDigest } from '../../../domain/offboarding';
import type { OffboardedStatement } from '../../../domain/statement';

/** What the approvals of an offboarding say where a test wants them to say something else. */
export interface SaidOtherwise {
  readonly customer?: Partial<ApprovalPayload>;
  readonly operator?: Partial<ActorClaims>;
}

export interface OffboardingFacts {
  readonly organization: OrganizationId;
  readonly operationId: OperationId;
  readonly platformKeyRef: KeyRef;
  readonly planDigest: Sha256Hex;
  readonly epoch: number;
  readonly ledgerIndex: number;
}

/** An offboarded statement's members, with approvals that say what they should; nobody's signatures. */
export function offboardedOf(facts: OffboardingFacts, otherwise: SaidOtherwise = {}): OffboardedStatement {
  const { organization, operationId, platformKeyRef, planDigest, epoch, ledgerIndex } = facts;
  const customer: ApprovalPayload = {
    type: 'smsk-approval/v1',
    deployment: 'novantra-test' as DeploymentId,
    org: organization,
    operationId,
    dryRunId: randomUUID() as DryRunId,
    planDigest,
    decision: 'approve',
    role: 'customer-admin',
    credentialId: 'a'.repeat(43) as Thumbprint,
    nonce: 'n'.repeat(32),
    exp: 2_000_000_000,
    ...otherwise.customer,
  };
  const operator: ActorClaims = {
    organization: 'acme' as OrganizationName,
    action: 'approveOffboarding',
    payloadDigest: operatorApprovalDigest(operationId, planDigest),
    role: 'approver',
    name: 'bo',
    jti: randomUUID(),
    exp: 2_000_000_000,
    ...otherwise.operator,
  };
  return {
    type: 'smsk-offboarded/v1',
    organization,
    platformKeyRef,
    planDigest,
    customerApproval: { kind: 'jws', jws: unsigned(customer) },
    operatorApproval: unsigned(operator) as Jws,
    operationId,
    epoch: epoch as Epoch,
    ledgerIndex: ledgerIndex as LedgerIndex,
  };
}

const unsigned = (payload: object): string =>
  [{ alg: 'EdDSA', kid: 'k', typ: 't' }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('c2ln')
    .join('.');
