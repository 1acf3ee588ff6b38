import { createHash } from 'node:crypto';
import { ACTOR_TYP, type Actor, type ActorClaims, SYSTEM } from '../../domain/actor';
import { APPROVAL_TYP, type ApprovalPayload } from '../../domain/approval';
import { canonicalBytes, type JsonObject } from '../../domain/canonical';
import type { Change } from '../../domain/change';
import type { Epoch, Instant, LedgerIndex, OperationId, Sha256Hex } from '../../domain/ids';
import { operationId } from '../../domain/intake/fields';
import { entryBytes } from '../../domain/ledger-entry';
import { operatorApprovalDigest } from '../../domain/offboarding';
import type { Signer } from '../../domain/ports/signer';
import { STATEMENT_TYPS, type StatementKind } from '../../domain/statement';
import { bundleFiles } from '../../ledger/bundle';
import { compactJws, type SigningKey } from '../../ledger/signer-keys';
import { ACME, DEPLOYMENT, evidenceOf, newSigningKey, signHead, trustText } from './evidence-fixture';

const OFFBOARDING = operationId.parse('0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c99');
const EPOCH = 4 as Epoch;
const AT = Date.parse('2026-02-01T00:00:00.000Z');
const ANN: Actor = { kind: 'support', name: 'ann' };
const BO: Actor = { kind: 'approver', name: 'bo' };

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256Hex;
export const PLAN = sha256('offboarding plan');
export const OTHER_PLAN = sha256('another plan');
export const NEW_KEY = 'arn:aws:kms:eu-central-1:999:key/q';

/** What a test has otherwise: in each place, members that take the place of the true ones. */
export interface Otherwise {
  readonly starter?: Actor;
  readonly kind?: string;
  readonly customer?: Partial<ApprovalPayload>;
  /** Signs in the place of the enrolled key. */
  readonly customerKey?: SigningKey;
  readonly operator?: Partial<ActorClaims>;
  /** Signs in the place of the API. */
  readonly actorKey?: SigningKey;
  readonly recorded?: JsonObject;
  readonly created?: string;
  readonly checkValue?: string;
  readonly statement?: JsonObject;
  readonly without?: 'approval-accepted' | 'operator-approved' | 'platform-key-created' | 'offboarded';
}

/**
 * The evidence of an organization that went live and was offboarded, signed with the custody key itself, as by whoever
 * has stolen it: what the signer would refuse to sign is here to be found.
 */
export async function offboardedEvidence(signer: Signer, custodyKey: SigningKey, otherwise: Otherwise = {}) {
  const before = await evidenceOf(signer);
  const actorKey = newSigningKey();
  const { second } = before;
  const approval: ApprovalPayload = {
    ...{ type: 'smsk-approval/v1', deployment: DEPLOYMENT, org: ACME, operationId: OFFBOARDING },
    ...{ dryRunId: '22222222-9c6b-4ad1-9d3c-5a0b1a522c11', planDigest: PLAN, decision: 'approve' },
    ...{ role: 'customer-admin', credentialId: second.jwk.kid, nonce: 'o'.repeat(32), exp: AT / 1000 + 3600 },
    ...otherwise.customer,
  } as ApprovalPayload;
  const customer = compactJws(
    otherwise.customerKey ?? second,
    APPROVAL_TYP,
    canonicalBytes(approval as unknown as JsonObject),
  );
  const word = {
    ...{ organization: 'acme', action: 'approveOffboarding', role: 'approver', name: BO.name, jti: 'jti-1' },
    ...{ payloadDigest: operatorApprovalDigest(OFFBOARDING, PLAN), exp: AT / 1000 + 60 },
    ...otherwise.operator,
  };
  const operator = compactJws(
    otherwise.actorKey ?? actorKey,
    ACTOR_TYP,
    canonicalBytes(word as unknown as JsonObject),
  );

  const entries = [...before.input.entries];
  const statements = [...before.input.statements];
  const add = (actor: Actor, change: object) => {
    const index = entries.length as LedgerIndex;
    const at = new Date(AT + index).toISOString() as Instant;
    const frame = { index, at, organization: ACME, actor, operationId: OFFBOARDING, epoch: EPOCH };
    entries.push(entryBytes(frame, change as Change));
    return index;
  };
  const say = (kind: StatementKind, type: string, ledgerIndex: number, members: object) => {
    const statement = { type, organization: ACME, operationId: OFFBOARDING as OperationId, epoch: EPOCH };
    const payload = canonicalBytes({ ...statement, ledgerIndex, ...members } as unknown as JsonObject);
    statements.push(compactJws(custodyKey, STATEMENT_TYPS[kind], payload));
  };
  const { without } = otherwise;
  const { dryRunId } = approval;

  add(otherwise.starter ?? ANN, { type: 'operation-opened', kind: otherwise.kind ?? 'offboard' });
  if (without !== 'approval-accepted')
    add(
      { kind: 'customer-admin', name: 'cleo' },
      {
        ...{
          type: 'approval-accepted',
          planDigest: approval.planDigest,
          dryRunId,
          decision: approval.decision,
        },
        ...{ credentialId: approval.credentialId, nonce: approval.nonce, exp: new Date(AT).toISOString() },
        ...{ evidence: customer, evidenceSha256: sha256(customer) },
      },
    );
  if (without !== 'operator-approved')
    add(BO, {
      ...{ type: 'operator-approved', planDigest: PLAN, dryRunId, by: BO.name, proof: operator },
      ...otherwise.recorded,
    });
  if (without !== 'platform-key-created')
    add(SYSTEM, { type: 'platform-key-created', keyRef: otherwise.created ?? NEW_KEY });
  const wrapped = [1, 2].map((version) => {
    const envelope = {
      ...{ version, custody: 'platform', connectionId: null, wrappedSha256: sha256(`platform ${version}`) },
      ...{ keyRef: NEW_KEY, checkValue: otherwise.checkValue ?? sha256(`check ${version}`) },
    };
    const bytes = Buffer.from(`platform ${version}`);
    const index = add(SYSTEM, { type: 'envelope-staged', ...envelope, wrapped: bytes, minted: false });
    say('envelope', 'smsk-envelope/v1', index, envelope);
    return [String(version), envelope.wrappedSha256] as const;
  });
  const switched = add(SYSTEM, {
    ...{ type: 'custody-switched', custody: 'platform', planDigest: PLAN, currentVersion: 2 },
  });
  say('custody', 'smsk-custody/v1', switched, {
    ...{ custody: 'platform', currentVersion: 2, connectionId: null, connectionDigest: null },
    ...{ keyRef: NEW_KEY, envelopes: Object.fromEntries(wrapped) },
  });
  if (without !== 'offboarded')
    say('offboarded', 'smsk-offboarded/v1', switched, {
      ...{ platformKeyRef: NEW_KEY, planDigest: PLAN, operatorApproval: operator },
      customerApproval: { kind: 'jws', jws: customer },
      ...otherwise.statement,
    });

  const input = {
    ...before.input,
    ...{ entries, statements, actors: [actorKey.jwk], approvals: [...before.input.approvals, customer] },
    checkpoint: await signHead(signer, entries),
  };
  return {
    files: bundleFiles(input),
    trust: `${trustText({ ...before, input })}actor ${JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x: actorKey.jwk.x })}\n`,
  };
}
