import { createHash, generateKeyPairSync } from 'node:crypto';
import { canonicalBytes, canonicalJson, type JsonObject } from '../../domain/canonical';
import type { Change } from '../../domain/change';
import type { Epoch, Instant, LedgerIndex } from '../../domain/ids';
import { deploymentId, operationId, organizationId } from '../../domain/intake/fields';
import { entryBytes } from '../../domain/ledger-entry';
import type { Signer } from '../../domain/ports/signer';
import type { CustodyStatement, EnvelopeStatement, SealedStatement } from '../../domain/statement';
import { type BundleInput, bundleFiles } from '../../ledger/bundle';
import { nodeSuite } from '../../ledger/node/suite';
import { compactJws, type SigningKey, signingKey } from '../../ledger/signer-keys';
import { usageRoot } from '../../ledger/verify/check-usage';
import { originOf } from '../../ledger/verify/checkpoint';
import { consistencyProof } from '../../ledger/verify/consistency';
import { concatHashes, leafHash, rootOfLeaves } from '../../ledger/verify/tree';

export const DEPLOYMENT = deploymentId.parse('novantra-eu');
export const ACME = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
const OPERATION = operationId.parse('0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11');
const EPOCH = 3 as Epoch;
const AT = Date.parse('2026-01-01T00:00:00.000Z');
const MINUTE = '2026-01-01T00:01:00.000Z';
const KEY_REF = 'arn:aws:kms:eu-central-1:111122223333:key/a';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
export const newSigningKey = (): SigningKey => signingKey(generateKeyPairSync('ed25519').privateKey);

export interface Evidence {
  readonly input: BundleInput;
  readonly issuer: SigningKey;
  readonly approver: SigningKey;
  /** Enrolled by the first at the end, which it then removes. */
  readonly second: SigningKey;
}

/** The evidence of an organization that went live; `extra` more entries, of usage, at its end. */
export async function evidenceOf(signer: Signer, extra = 0): Promise<Evidence> {
  const issuer = newSigningKey();
  const approver = newSigningKey();
  const credentialId = approver.jwk.kid;
  const { kid, ...publicJwk } = approver.jwk;
  const order = compactJws(
    issuer,
    'smsk-order+jwt',
    canonicalBytes({
      iss: 'https://commerce.example',
      aud: DEPLOYMENT,
      kind: 'order',
      org: ACME,
      orderRef: 'PO-1',
      jti: 'order-0001',
      seq: 1,
      iat: AT / 1000,
      exp: AT / 1000 + 86_400,
      approver: { thumbprint: kid, role: 'customer-admin' },
    }),
  );
  const approval = {
    type: 'smsk-approval/v1',
    deployment: DEPLOYMENT,
    org: ACME,
    operationId: OPERATION,
    dryRunId: '11111111-9c6b-4ad1-9d3c-5a0b1a522c11',
    planDigest: sha256('plan'),
    decision: 'approve',
    role: 'customer-admin',
    credentialId,
    nonce: 'nonce-nonce-nonce-nonce',
    exp: AT / 1000 + 3600,
  };
  const approvalJws = compactJws(approver, 'smsk-approval+jws', canonicalBytes(approval));
  const second = newSigningKey();
  const enrolment = (by: SigningKey, nonce: string, about: JsonObject) =>
    compactJws(
      by,
      'smsk-enrolment+jws',
      canonicalBytes({
        type: 'smsk-enrolment/v1',
        deployment: DEPLOYMENT,
        org: ACME,
        credentialId: by.jwk.kid,
        nonce: nonce.repeat(22),
        exp: AT / 1000 + 3600,
        ...about,
      }),
    );
  const { kid: secondId, ...secondJwk } = second.jwk;
  const enrolments = [
    enrolment(approver, 'e', { action: 'enrol', publicJwk: secondJwk as unknown as JsonObject }),
    enrolment(second, 'r', { action: 'remove', removes: credentialId }),
  ];
  const usage: JsonObject[] = [1, 2, 3].map((n) => ({
    at: MINUTE.replace('00.000', `0${n}.500`),
    operations: n,
    purpose: 'decrypt',
    requestId: `request-${n}`,
  }));
  const envelope = (version: number) => ({
    version,
    custody: 'customer' as const,
    connectionId: null,
    wrappedSha256: sha256(`wrapped ${version}`),
    keyRef: KEY_REF,
    checkValue: sha256(`check ${version}`),
  });
  const staged = (version: number) => ({
    type: 'envelope-staged',
    ...envelope(version),
    wrapped: Buffer.from(`wrapped ${version}`),
    minted: version > 1,
  });
  const usageChange = (minute: string) => ({
    type: 'usage',
    minute,
    calls: 0,
    operations: 0,
    root: usageRoot(nodeSuite, []),
  });
  const changes = [
    {
      type: 'organization-created',
      id: ACME,
      name: 'acme',
      externalId: 'x',
      deployment: DEPLOYMENT,
      mode: 'development',
    },
    {
      type: 'order-accepted',
      jws: order,
      orderRef: 'PO-1',
      jti: 'order-0001',
      seq: 1,
      kind: 'order',
      exp: MINUTE,
    },
    {
      type: 'approver-enrolled',
      key: { credentialId, publicJwk, role: 'customer-admin', enrolledAt: MINUTE, removedAt: null },
      by: { kind: 'order', orderRef: 'PO-1' },
    },
    {
      type: 'approval-accepted',
      planDigest: approval.planDigest,
      dryRunId: approval.dryRunId,
      decision: 'approve',
      credentialId,
      nonce: approval.nonce,
      exp: MINUTE,
      evidence: approvalJws,
      evidenceSha256: sha256(approvalJws),
    },
    staged(1),
    staged(2),
    { type: 'custody-switched', custody: 'customer', planDigest: approval.planDigest, currentVersion: 2 },
    { type: 'platform-sealed', keyRef: 'arn:aws:kms:eu-central-1:999:key/p' },
    {
      type: 'usage',
      minute: MINUTE,
      calls: 3,
      operations: 6,
      root: usageRoot(
        nodeSuite,
        usage.map((row) => canonicalJson(row)),
      ),
    },
    {
      type: 'handoff-recorded',
      contacts: [{ name: 'Zoë "Z" Müller', email: 'z@acme.example', duty: 'security' }],
      runbook: [],
    },
    {
      type: 'approver-enrolled',
      key: {
        credentialId: secondId,
        publicJwk: secondJwk,
        role: 'customer-admin',
        enrolledAt: MINUTE,
        removedAt: null,
        enrolment: enrolments[0],
      },
      by: { kind: 'approver', credentialId },
    },
    {
      type: 'approver-removed',
      credentialId,
      by: { kind: 'approver', credentialId: secondId },
      enrolment: enrolments[1],
    },
    ...Array.from({ length: extra }, (_, i) => usageChange(new Date(AT + (i + 5) * 60_000).toISOString())),
  ];
  const entries = changes.map((change, i) =>
    entryBytes(
      {
        index: i as LedgerIndex,
        at: new Date(AT + i).toISOString() as Instant,
        organization: ACME,
        actor: { kind: 'system', name: 'smsk' },
        operationId: OPERATION,
        epoch: EPOCH,
      },
      change as unknown as Change,
    ),
  );
  const frame = { organization: ACME, operationId: OPERATION, epoch: EPOCH };
  const statements = [
    await signer.signStatement('envelope', {
      type: 'smsk-envelope/v1',
      ...frame,
      ...envelope(1),
      ledgerIndex: 4,
    } as unknown as EnvelopeStatement),
    await signer.signStatement('envelope', {
      type: 'smsk-envelope/v1',
      ...frame,
      ...envelope(2),
      ledgerIndex: 5,
    } as unknown as EnvelopeStatement),
    await signer.signStatement('custody', {
      type: 'smsk-custody/v1',
      ...frame,
      custody: 'customer',
      currentVersion: 2,
      connectionId: null,
      connectionDigest: null,
      keyRef: KEY_REF,
      envelopes: { 1: envelope(1).wrappedSha256, 2: envelope(2).wrappedSha256 },
      ledgerIndex: 6,
    } as unknown as CustodyStatement),
    await signer.signStatement('sealed', {
      type: 'smsk-platform-sealed/v1',
      ...frame,
      platformKeyRef: 'arn:aws:kms:eu-central-1:999:key/p',
      ledgerIndex: 7,
    } as unknown as SealedStatement),
  ];
  const { checkpointVkey, custodyJwk } = await signer.keys();
  const input: BundleInput = {
    entries,
    checkpoint: await signHead(signer, entries),
    vkey: checkpointVkey,
    custodyKeys: [custodyJwk],
    orderIssuers: [issuer.jwk],
    actors: [],
    statements,
    orders: [order],
    enrolments,
    approvals: [approvalJws],
    usage,
  };
  return { input, issuer, approver, second };
}

/** Has the signer sign the head over these entries, whatever it signed before. */
export async function signHead(signer: Signer, entries: readonly Uint8Array[]): Promise<string> {
  const leaves = concatHashes(entries.map((entry) => leafHash(nodeSuite, entry)));
  const origin = originOf(DEPLOYMENT, ACME);
  const last = await signer.lastHead(origin);
  return signer.signCheckpoint({
    origin,
    size: entries.length,
    root: rootOfLeaves(nodeSuite, leaves),
    consistencyProof: consistencyProof(nodeSuite, leaves, last?.size ?? 0),
  });
}

/** A trust file for the evidence, as its reader would have got it elsewhere. */
export function trustText({ input, issuer, approver }: Evidence): string {
  const jwk = (key: object) => canonicalJson(key as JsonObject);
  return [
    '# keys of novantra-eu, read out on the telephone',
    `checkpoint ${input.vkey}`,
    `custody ${jwk(input.custodyKeys[0] ?? {})}`,
    `order-issuer ${jwk(issuer.jwk)}`,
    `approver ${approver.jwk.kid}`,
    '',
  ].join('\n');
}

export const filesOf = ({ input }: Evidence): Map<string, Uint8Array> => bundleFiles(input);
