import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose';
import { type Commerce, createCommerce } from '../../emulators/commerce/commerce';
import { openCommerceDoor } from '../../emulators/commerce/door';
import type { OrderClaims } from '../../emulators/commerce/order';

const org = '6f1f0b0e-3d5c-4a57-9d0a-0f1c2b3a4d5e';
const request = { aud: 'novantra-eu', org, orderRef: 'SO-1001', thumbprint: 'A'.repeat(43) };
const clock = (): number => Date.UTC(2026, 0, 2, 3, 4, 5, 678);

async function verified(commerce: Commerce, jws: string): Promise<OrderClaims> {
  const keys = createLocalJWKSet({ keys: [...commerce.jwks().keys] });
  const { payload } = await compactVerify(jws, keys, { algorithms: ['EdDSA'] });
  return JSON.parse(new TextDecoder().decode(payload)) as OrderClaims;
}

describe('the commerce system signs orders', () => {
  it('as a JWS whose header carries nothing but alg, typ and kid', async () => {
    const commerce = await createCommerce({ clock });
    const { jws, claims } = await commerce.sign(request);
    const key = commerce.jwks().keys[0];
    expect(decodeProtectedHeader(jws)).toEqual({ alg: 'EdDSA', typ: 'smsk-order+jwt', kid: key?.kid });
    expect(await verified(commerce, jws)).toEqual(claims);
    const iat = Math.floor(clock() / 1000);
    expect(claims).toEqual({
      iss: 'https://commerce.novantra.example',
      aud: 'novantra-eu',
      kind: 'order',
      org,
      orderRef: 'SO-1001',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      seq: 1,
      iat,
      exp: iat + 365 * 86_400,
      approver: { thumbprint: 'A'.repeat(43), role: 'customer-admin' },
    });
  });

  it('with a key that says it is for development, named by its thumbprint', async () => {
    const [key] = (await createCommerce()).jwks().keys;
    expect(key?.['smsk:mode']).toBe('development');
    expect(key).not.toHaveProperty('d');
    expect(key?.kid).toBe(await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: key?.x ?? '' }));
  });

  it('with a seq that grows per organization, a withdrawal being the next', async () => {
    const commerce = await createCommerce();
    const other = '00000000-0000-4000-8000-000000000001';
    const kinds = [request, { ...request, kind: 'withdrawal' as const }, { ...request, org: other }];
    const signed = [];
    for (const each of kinds) signed.push((await commerce.sign(each)).claims);
    expect(signed.map((c) => [c.org, c.kind, c.seq])).toEqual([
      [org, 'order', 1],
      [org, 'withdrawal', 2],
      [other, 'order', 1],
    ]);
  });

  it('keeping key and seq over a restart, readable by its owner only', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'commerce-'));
    try {
      const before = await createCommerce({ stateDir });
      await before.sign(request);
      const after = await createCommerce({ stateDir });
      expect(after.jwks()).toEqual(before.jwks());
      expect((await after.sign(request)).claims.seq).toBe(2);
      expect(statSync(join(stateDir, 'commerce.json')).mode & 0o077).toBe(0);
    } finally {
      rmSync(stateDir, { recursive: true });
    }
  });

  it('over HTTP for whoever has the token, and refuses the rest by name', async () => {
    const commerce = await createCommerce();
    const door = await openCommerceDoor(commerce, { token: 'sesame' });
    const post = (body: string, token = 'sesame'): Promise<Response> =>
      fetch(`${door.url}/orders`, { method: 'POST', body, headers: { authorization: `Bearer ${token}` } });
    try {
      expect(await (await fetch(`${door.url}/jwks.json`)).json()).toEqual(commerce.jwks());
      const made = await post(JSON.stringify(request));
      expect(made.status).toBe(201);
      const { jws, claims } = (await made.json()) as { jws: string; claims: OrderClaims };
      expect(await verified(commerce, jws)).toEqual(claims);
      expect((await post(JSON.stringify(request), 'wrong')).status).toBe(401);
      expect((await post('{')).status).toBe(400);
      expect((await post('x'.repeat(20_000))).status).toBe(413);
      const malformed = await post(JSON.stringify({ ...request, org: 'acme' }));
      expect(malformed.status).toBe(400);
      expect(await malformed.text()).toContain('org');
    } finally {
      await door.close();
    }
  });
});
