import type { ActorClaims } from '../../domain/actor';
import { actorClaims } from '../../domain/actor';
import type { ApprovalPayload, ApproverKey } from '../../domain/approval';
import { approvalPayload } from '../../domain/approval';
import { ProviderFailure, Refusal } from '../../domain/failure';
import { type DeploymentId, msOf } from '../../domain/ids';
import { type MaintenancePayload, maintenancePayload } from '../../domain/maintenance';
import { isOfItsPlan, operatorApprovalDigest } from '../../domain/offboarding';
import type { OrderClaims } from '../../domain/order';
import { orderClaims } from '../../domain/order';
import type { Authority, StatementVerifier } from '../../domain/ports/authority';
import {
  custodyStatement,
  envelopeStatement,
  offboardedStatement,
  type Statement,
  type StatementKind,
  sealedStatement,
} from '../../domain/statement';
import { headerOf, opened, payloadOf, signed } from './signatures';

export const DEPLOYMENT = 'novantra-test' as DeploymentId;
const COMMERCE = 'commerce';
const API = 'api';
const CUSTODY = 'custody-signer';
const approverSecret = (credentialId: string) => `approver/${credentialId}`;

export const signOrder = (claims: OrderClaims, key = COMMERCE): string =>
  signed(key, { typ: 'order' }, claims);
/** As the real ones look: a signer takes no others into what it states of an offboarding. */
export const signActor = (claims: ActorClaims, key = API): string =>
  signed(key, { alg: 'EdDSA', typ: 'actor', kid: API }, claims);
export const signApproval = (payload: ApprovalPayload, key = approverSecret(payload.credentialId)): string =>
  signed(key, { alg: 'EdDSA', typ: 'approval', kid: payload.credentialId }, payload);
export const signMaintenance = (
  payload: MaintenancePayload,
  key = approverSecret(payload.credentialId),
): string => signed(key, { typ: 'maintenance', kid: payload.credentialId }, payload);
export const signStatement = (kind: StatementKind, statement: Statement): string =>
  signed(CUSTODY, { typ: kind }, statement);

export const approverKey = (credentialId: string, removedAt: string | null = null): ApproverKey => ({
  credentialId,
  publicJwk: { kty: 'OKP', crv: 'Ed25519', x: credentialId },
  role: 'customer-admin',
  enrolledAt: '2026-01-01T00:00:00.000Z',
  removedAt,
});

/** The port's promises, judged over {@link signed} tokens instead of Ed25519. */
export const fakeAuthority: Omit<Authority, 'enrolment'> = {
  deployment: DEPLOYMENT,

  order: async (jws, organization, now) => {
    if (headerOf(jws) === null) throw new Refusal('ORDER_MALFORMED');
    const payload = opened(COMMERCE, jws);
    if (payload === null) throw new Refusal('ORDER_SIGNATURE_INVALID');
    const claims = orderClaims.parse(payload);
    if (claims.org !== organization || claims.aud !== DEPLOYMENT) throw new Refusal('ORDER_FOREIGN');
    if (claims.exp * 1000 <= msOf(now)) throw new Refusal('ORDER_EXPIRED');
    return claims;
  },

  approval: async (evidence, keys, expected, now) => {
    const credentialId = headerOf(evidence.jws)?.['kid'];
    if (typeof credentialId !== 'string') throw new Refusal('APPROVAL_MALFORMED');
    const key = keys.find((each) => each.credentialId === credentialId);
    if (key === undefined) throw new Refusal('APPROVAL_KEY_UNKNOWN');
    if (key.removedAt !== null) throw new Refusal('APPROVAL_KEY_REMOVED');
    const payload = opened(approverSecret(credentialId), evidence.jws);
    if (payload === null) throw new Refusal('APPROVAL_SIGNATURE_INVALID');
    const signedPayload = approvalPayload.parse(payload);
    const isExpected =
      signedPayload.org === expected.organization &&
      signedPayload.operationId === expected.operationId &&
      signedPayload.planDigest === expected.planDigest &&
      signedPayload.decision === expected.decision;
    if (!isExpected) throw new Refusal('APPROVAL_OTHER_PLAN');
    if (signedPayload.exp * 1000 <= msOf(now)) throw new Refusal('APPROVAL_EXPIRED');
    return signedPayload;
  },

  /** Signatures of keys are the real authority's to judge (`test/unit/authority.test.ts`). */
  rooted: async (keys) => keys,

  maintenance: async (jws, organization, keys, now) => {
    const credentialId = headerOf(jws)?.['kid'];
    const key = keys.find((each) => each.credentialId === credentialId);
    if (key === undefined) throw new Refusal('APPROVAL_KEY_UNKNOWN');
    if (key.removedAt !== null) throw new Refusal('APPROVAL_KEY_REMOVED');
    const payload = opened(approverSecret(key.credentialId), jws);
    if (payload === null) throw new Refusal('APPROVAL_SIGNATURE_INVALID');
    const signedPayload = maintenancePayload.parse(payload);
    if (signedPayload.org !== organization) throw new Refusal('APPROVAL_OTHER_PLAN');
    if (signedPayload.exp * 1000 <= msOf(now)) throw new Refusal('APPROVAL_EXPIRED');
    return signedPayload;
  },

  operatorApproval: async (proof, { organization, operationId, planDigest }) => {
    const word = actorClaims.safeParse(opened(API, proof)).data;
    const isIt =
      word?.action === 'approveOffboarding' &&
      word.role === 'approver' &&
      word.organization === organization &&
      word.payloadDigest === operatorApprovalDigest(operationId, planDigest);
    if (!isIt) throw new Refusal('OPERATOR_APPROVAL_INVALID');
    return word.name;
  },

  actor: async (token, action, payloadDigest, now) => {
    const payload = opened(API, token);
    if (payload === null) throw new Refusal('ACTOR_INVALID');
    const claims = actorClaims.parse(payload);
    const isThis = claims.action === action && claims.payloadDigest === payloadDigest;
    if (!isThis || claims.exp * 1000 <= msOf(now)) throw new Refusal('ACTOR_INVALID');
    return claims;
  },
};

async function statement<T>(schema: { parse(value: unknown): T }, jws: string): Promise<T> {
  const payload = opened(CUSTODY, jws);
  if (payload === null) throw new ProviderFailure('STATEMENT_INVALID');
  return schema.parse(payload);
}

export const fakeStatements: StatementVerifier = {
  envelope: (jws) => statement(envelopeStatement, jws),
  custody: (jws) => statement(custodyStatement, jws),
  sealed: (jws) => statement(sealedStatement, jws),
  offboarded: async (jws) => {
    const said = await statement(offboardedStatement, jws);
    const payloads = [payloadOf(said.customerApproval.jws), payloadOf(said.operatorApproval)] as const;
    if (!isOfItsPlan(said, ...payloads)) throw new ProviderFailure('STATEMENT_INVALID');
    return said;
  },
};
