import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACTOR_TYP, type ActorClaims } from '../../domain/actor';
import { APPROVAL_TYP, type ApprovalPayload } from '../../domain/approval';
import { canonicalBytes, type JsonObject } from '../../domain/canonical';
import { operationId } from '../../domain/intake/fields';
import { operatorApprovalDigest } from '../../domain/offboarding';
import type { Signer } from '../../domain/ports/signer';
import type { OffboardedStatement } from '../../domain/statement';
import { openSigner } from '../../ledger/signer';
import { compactJws, createSignerKeys } from '../../ledger/signer-keys';
import { ACME, DEPLOYMENT, newSigningKey } from '../harness/evidence-fixture';
import { NEW_KEY, OTHER_PLAN, PLAN } from '../harness/offboarding-evidence';

const OFFBOARDING = operationId.parse('0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c99');
const ANOTHER = operationId.parse('1d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c99');
const EXP = 4_102_444_800;

const folder = mkdtempSync(join(tmpdir(), 'smsk-signer-'));
let signer: Signer;
beforeAll(async () => {
  await createSignerKeys(folder);
  signer = await openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Otherwise {
  readonly customer?: Partial<Record<keyof ApprovalPayload, unknown>>;
  readonly operator?: Partial<Record<keyof ActorClaims, unknown>>;
  readonly statement?: Partial<Record<keyof OffboardedStatement, unknown>>;
}

const jws = (typ: string, payload: object): string =>
  compactJws(newSigningKey(), typ, canonicalBytes(payload as JsonObject));

/** What the store asks to be signed at the switch. */
function statement({ customer, operator, statement: members }: Otherwise = {}): OffboardedStatement {
  const approval = jws(APPROVAL_TYP, {
    ...{ type: 'smsk-approval/v1', deployment: DEPLOYMENT, org: ACME, operationId: OFFBOARDING },
    ...{ dryRunId: '22222222-9c6b-4ad1-9d3c-5a0b1a522c11', planDigest: PLAN, decision: 'approve' },
    ...{ role: 'customer-admin', credentialId: 'A'.repeat(43), nonce: 'o'.repeat(32), exp: EXP },
    ...customer,
  });
  const operatorApproval = jws(ACTOR_TYP, {
    ...{ organization: 'acme', action: 'approveOffboarding', role: 'approver', name: 'bo', jti: 'jti-1' },
    ...{ payloadDigest: operatorApprovalDigest(OFFBOARDING, PLAN), exp: EXP },
    ...operator,
  });
  return {
    ...{ type: 'smsk-offboarded/v1', organization: ACME, platformKeyRef: NEW_KEY, planDigest: PLAN },
    ...{ operationId: OFFBOARDING, epoch: 4, ledgerIndex: 20 },
    customerApproval: { kind: 'jws', jws: approval },
    operatorApproval,
    ...members,
  } as OffboardedStatement;
}

test('a return that both sides approved is signed', async () => {
  await expect(signer.signStatement('offboarded', statement())).resolves.toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
});

const UNAPPROVED: Readonly<Record<string, Otherwise>> = {
  'a customer’s approval that is no JWS': { statement: { customerApproval: { kind: 'jws', jws: 'yes' } } },
  'no customer’s approval': { statement: { customerApproval: undefined } },
  'an operator’s approval that is no JWS': { statement: { operatorApproval: 'yes' } },
  'no operator’s approval': { statement: { operatorApproval: undefined } },
  'a customer’s rejection': { customer: { decision: 'reject' } },
  'a customer’s approval with a member missing': { customer: { nonce: undefined } },
  'a customer’s approval of another organization': { customer: { org: ANOTHER } },
  'a customer’s approval of another operation': { customer: { operationId: ANOTHER } },
  'a customer’s approval of another plan': { customer: { planDigest: OTHER_PLAN } },
  'an operator’s word for another message': { operator: { action: 'launchLive' } },
  'an operator’s word by somebody who may not': { operator: { role: 'support' } },
  'an operator’s word over another plan': {
    operator: { payloadDigest: operatorApprovalDigest(OFFBOARDING, OTHER_PLAN) },
  },
  'an operator’s word over another operation': {
    operator: { payloadDigest: operatorApprovalDigest(ANOTHER, PLAN) },
  },
  'an operator’s word with a member missing': { operator: { name: undefined } },
  'another plan than both approved': { statement: { planDigest: OTHER_PLAN } },
  'a member that nobody knows': { statement: { note: 'x' } as Otherwise['statement'] & object },
};

test.each(Object.entries(UNAPPROVED))('%s is not signed', async (_, otherwise) => {
  await expect(signer.signStatement('offboarded', statement(otherwise))).rejects.toMatchObject({
    code: 'WRONG_STATEMENT',
  });
});
