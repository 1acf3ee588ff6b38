import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { createAuthority, createStatementVerifier, type Trust } from '../../authority';
import { APPROVAL_TYP, type ApproverKey } from '../../domain/approval';
import { canonicalJson, type JsonObject } from '../../domain/canonical';
import { ENROLMENT_TYP } from '../../domain/enrolment';
import type { Instant, OperationId, OrganizationId, Sha256Hex } from '../../domain/ids';
import { ORDER_TYP } from '../../domain/order';

const organization = '6f1c1d2e-0000-4000-8000-000000000001' as OrganizationId;
const now = '2026-06-01T00:00:00.000Z' as Instant;
const inAnHour = Date.parse(now) / 1000 + 3600;

async function keyPair() {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x = '' } = await exportJWK(publicKey);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
  return { privateKey, jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk) } };
}
type Pair = Awaited<ReturnType<typeof keyPair>>;

const sign = (pair: Pair, typ: string, payload: JsonObject | string, extra: Record<string, unknown> = {}) =>
  new CompactSign(new TextEncoder().encode(typeof payload === 'string' ? payload : canonicalJson(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ, kid: pair.jwk.kid, ...extra })
    .sign(pair.privateKey);

async function fixture(mode: Trust['mode'] = 'production', orderKeyMode?: 'development') {
  const commerce = await keyPair();
  const approver = await keyPair();
  const other = await keyPair();
  const trusted: Trust = {
    deployment: 'novantra-eu' as Trust['deployment'],
    mode,
    orderIssuer: {
      issuer: 'https://commerce.test',
      keys: [{ ...commerce.jwk, ...(orderKeyMode ? { 'smsk:mode': orderKeyMode } : {}) }],
    },
    actorKeys: [other.jwk],
    custodyKeys: [other.jwk],
  };
  const order: JsonObject = {
    iss: 'https://commerce.test',
    aud: 'novantra-eu',
    kind: 'order',
    org: organization,
    orderRef: 'SO-1',
    jti: 'jti-00000001',
    seq: 1,
    iat: inAnHour - 7200,
    exp: inAnHour,
    approver: { thumbprint: approver.jwk.kid, role: 'customer-admin' },
  };
  const enrolled: ApproverKey = {
    credentialId: approver.jwk.kid,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: approver.jwk.x },
    role: 'customer-admin',
    enrolledAt: now,
    removedAt: null,
  };
  const approval: JsonObject = {
    type: 'smsk-approval/v1',
    deployment: 'novantra-eu',
    org: organization,
    operationId: '6f1c1d2e-0000-4000-8000-000000000002',
    dryRunId: '6f1c1d2e-0000-4000-8000-000000000004',
    planDigest: 'a'.repeat(64),
    decision: 'approve',
    role: 'customer-admin',
    credentialId: approver.jwk.kid,
    nonce: 'n'.repeat(22),
    exp: inAnHour,
  };
  const expected = {
    organization,
    operationId: approval.operationId as OperationId,
    planDigest: approval.planDigest as Sha256Hex,
    decision: 'approve',
  } as const;
  return {
    commerce,
    approver,
    other,
    trusted,
    order,
    enrolled,
    approval,
    expected,
    authority: createAuthority(trusted),
  };
}

describe('inv05: no entitlement without a signed order', () => {
  test('a valid order says what was signed', async () => {
    const { authority, commerce, order } = await fixture();
    await expect(
      authority.order(await sign(commerce, ORDER_TYP, order), organization, now),
    ).resolves.toMatchObject({ orderRef: 'SO-1' });
  });

  test.each<[string, (order: JsonObject) => JsonObject, string]>([
    [
      'for another organization',
      (o) => ({ ...o, org: '6f1c1d2e-0000-4000-8000-00000000ffff' }),
      'ORDER_FOREIGN',
    ],
    ['for another deployment', (o) => ({ ...o, aud: 'novantra-us' }), 'ORDER_FOREIGN'],
    ['of another issuer', (o) => ({ ...o, iss: 'https://evil.test' }), 'ORDER_SIGNATURE_INVALID'],
    ['expired', (o) => ({ ...o, exp: inAnHour - 3600 }), 'ORDER_EXPIRED'],
    ['with an unknown member', (o) => ({ ...o, admin: true }), 'ORDER_MALFORMED'],
    ['without its approver', ({ approver: _, ...o }) => o, 'ORDER_MALFORMED'],
  ])('an order %s is refused', async (_what, alter, code) => {
    const { authority, commerce, order } = await fixture();
    const jws = await sign(commerce, ORDER_TYP, alter(order));
    await expect(authority.order(jws, organization, now)).rejects.toMatchObject({ name: 'Refusal', code });
  });

  test('a signature of anybody else, of another typ, or with a key of the sender’s choice is refused', async () => {
    const { authority, commerce, other, order } = await fixture();
    const forged = await sign({ ...other, jwk: { ...other.jwk, kid: commerce.jwk.kid } }, ORDER_TYP, order);
    await expect(authority.order(forged, organization, now)).rejects.toMatchObject({
      code: 'ORDER_SIGNATURE_INVALID',
    });
    await expect(
      authority.order(await sign(other, ORDER_TYP, order), organization, now),
    ).rejects.toMatchObject({ code: 'ORDER_SIGNATURE_INVALID' });
    await expect(
      authority.order(await sign(commerce, 'JWT', order), organization, now),
    ).rejects.toMatchObject({ code: 'ORDER_MALFORMED' });
    for (const header of [
      { jwk: other.jwk },
      { jku: 'https://evil.test/jwks' },
      { x5c: ['AA=='] },
      { x5u: 'https://evil.test' },
      { cty: 'JWT' },
    ]) {
      await expect(
        authority.order(await sign(commerce, ORDER_TYP, order, header), organization, now),
      ).rejects.toMatchObject({ code: 'ORDER_MALFORMED' });
    }
  });

  test('rubbish is refused, not thrown through', async () => {
    const { authority, commerce } = await fixture();
    for (const jws of [
      '',
      'a.b.c',
      '..',
      'eyJhbGciOiJub25lIn0.e30.',
      await sign(commerce, ORDER_TYP, 'not json'),
    ]) {
      await expect(authority.order(jws, organization, now)).rejects.toMatchObject({ name: 'Refusal' });
    }
  });

  test('a development key counts in development only', async () => {
    const production = await fixture('production', 'development');
    await expect(
      production.authority.order(
        await sign(production.commerce, ORDER_TYP, production.order),
        organization,
        now,
      ),
    ).rejects.toMatchObject({
      code: 'ORDER_DEVELOPMENT',
    });
    const development = await fixture('development', 'development');
    await expect(
      development.authority.order(
        await sign(development.commerce, ORDER_TYP, development.order),
        organization,
        now,
      ),
    ).resolves.toBeDefined();
  });
});

describe('inv03: only the customer’s signature over exactly that plan approves it', () => {
  const evidence = (jws: string) => ({ kind: 'jws', jws }) as const;

  test('a valid approval is what was signed', async () => {
    const { authority, approver, approval, enrolled, expected } = await fixture();
    const jws = await sign(approver, APPROVAL_TYP, approval);
    await expect(authority.approval(evidence(jws), [enrolled], expected, now)).resolves.toMatchObject({
      decision: 'approve',
    });
  });

  test.each<[string, Partial<Record<string, string | number>>, string]>([
    ['another plan', { planDigest: 'b'.repeat(64) }, 'APPROVAL_OTHER_PLAN'],
    ['another operation', { operationId: '6f1c1d2e-0000-4000-8000-00000000ffff' }, 'APPROVAL_OTHER_PLAN'],
    ['another organization', { org: '6f1c1d2e-0000-4000-8000-00000000ffff' }, 'APPROVAL_OTHER_PLAN'],
    ['another deployment', { deployment: 'novantra-us' }, 'APPROVAL_OTHER_PLAN'],
    ['another decision', { decision: 'reject' }, 'APPROVAL_OTHER_PLAN'],
    ['a past date', { exp: inAnHour - 3600 }, 'APPROVAL_EXPIRED'],
    ['another credential', { credentialId: 'x'.repeat(43) }, 'APPROVAL_KEY_UNKNOWN'],
    ['a short nonce', { nonce: 'n' }, 'APPROVAL_MALFORMED'],
  ])('an approval with %s is refused', async (_what, alter, code) => {
    const { authority, approver, approval, enrolled, expected } = await fixture();
    const jws = await sign(approver, APPROVAL_TYP, { ...approval, ...alter } as JsonObject);
    await expect(authority.approval(evidence(jws), [enrolled], expected, now)).rejects.toMatchObject({
      code,
    });
  });

  test('an unknown, a removed, and a forged key are refused, each by its name', async () => {
    const { authority, approver, other, approval, enrolled, expected } = await fixture();
    const jws = await sign(approver, APPROVAL_TYP, approval);
    await expect(authority.approval(evidence(jws), [], expected, now)).rejects.toMatchObject({
      code: 'APPROVAL_KEY_UNKNOWN',
    });
    await expect(
      authority.approval(evidence(jws), [{ ...enrolled, removedAt: now }], expected, now),
    ).rejects.toMatchObject({ code: 'APPROVAL_KEY_REMOVED' });
    const forged = await sign({ ...other, jwk: approver.jwk }, APPROVAL_TYP, approval);
    await expect(authority.approval(evidence(forged), [enrolled], expected, now)).rejects.toMatchObject({
      code: 'APPROVAL_SIGNATURE_INVALID',
    });
  });

  test('a payload that isn’t canonical JSON is refused: what was shown must be what was signed', async () => {
    const { authority, approver, approval, enrolled, expected } = await fixture();
    const jws = await sign(approver, APPROVAL_TYP, JSON.stringify(approval, null, 1));
    await expect(authority.approval(evidence(jws), [enrolled], expected, now)).rejects.toMatchObject({
      code: 'APPROVAL_MALFORMED',
    });
  });
});

describe('inv03: an approval counts by keys that signatures lead to, not by rows', () => {
  const keyOf = (pair: Pair): ApproverKey => ({
    credentialId: pair.jwk.kid,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: pair.jwk.x },
    role: 'customer-admin',
    enrolledAt: now,
    removedAt: null,
  });
  const enrolment = (by: Pair, of: Pair, changes: JsonObject = {}) =>
    sign(by, ENROLMENT_TYP, {
      type: 'smsk-enrolment/v1',
      action: 'enrol',
      deployment: 'novantra-eu',
      org: organization,
      publicJwk: { kty: 'OKP', crv: 'Ed25519', x: of.jwk.x },
      credentialId: by.jwk.kid,
      nonce: 'n'.repeat(22),
      exp: inAnHour,
      ...changes,
    });

  test('named by an order, or vouched for by one that is; expired ones count, inserted ones don’t', async () => {
    const { authority, commerce, approver, other, order, enrolled } = await fixture();
    const orders = [await sign(commerce, ORDER_TYP, { ...order, exp: 1 })];
    const third = await keyPair();
    const second = { ...keyOf(other), enrolment: await enrolment(approver, other, { exp: 1 }) };
    const chained = { ...keyOf(third), enrolment: await enrolment(other, third) };
    const rooted = (keys: ApproverKey[], given = orders) => authority.rooted(keys, given, organization);
    expect(await rooted([enrolled, second, chained])).toEqual([enrolled, second, chained]);
    for (const forged of [
      keyOf(other),
      { ...keyOf(other), enrolment: await enrolment(other, other) },
      { ...keyOf(other), enrolment: await enrolment(approver, third) },
      {
        ...keyOf(other),
        enrolment: await enrolment(approver, other, { org: organization.replace('1', '2') }),
      },
      { ...keyOf(other), credentialId: approver.jwk.kid },
    ]) {
      expect(await rooted([enrolled, forged])).toEqual([enrolled]);
    }
    for (const none of [
      [],
      [await sign(other, ORDER_TYP, order)],
      [await sign(commerce, ORDER_TYP, { ...order, kind: 'withdrawal' })],
      [await sign(commerce, ORDER_TYP, { ...order, aud: 'novantra-us' })],
    ]) {
      expect(await rooted([enrolled, second], none)).toEqual([]);
    }
  });
});

describe('statements', () => {
  test('anything but our signature over a statement of that kind is STATEMENT_INVALID', async () => {
    const { other, approver } = await fixture();
    const verifier = createStatementVerifier([other.jwk]);
    const sealed: JsonObject = {
      type: 'smsk-platform-sealed/v1',
      organization,
      platformKeyRef: 'arn:aws:kms:eu-central-1:999999999999:key/99999999-2222-3333-4444-555555555555',
      operationId: '6f1c1d2e-0000-4000-8000-000000000002',
      epoch: 2,
      ledgerIndex: 9,
    };
    const good = await sign(other, 'smsk-platform-sealed+jws', sealed);
    await expect(verifier.sealed(good)).resolves.toMatchObject({ epoch: 2 });
    for (const bad of [
      await sign(approver, 'smsk-platform-sealed+jws', sealed),
      await sign(other, 'smsk-custody+jws', sealed),
      await sign(other, 'smsk-platform-sealed+jws', { ...sealed, more: 1 }),
      `${good.slice(0, -6)}AAAAAA`,
      '',
    ]) {
      await expect(verifier.sealed(bad)).rejects.toMatchObject({
        name: 'ProviderFailure',
        code: 'STATEMENT_INVALID',
      });
    }
    await expect(verifier.custody(good)).rejects.toMatchObject({ code: 'STATEMENT_INVALID' });
  });
});
