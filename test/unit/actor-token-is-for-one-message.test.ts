import { createActorSigner, createAuthority, type Trust } from '../../authority';
import type { ActorClaims } from '../../domain/actor';
import type { Instant, OrganizationName, Sha256Hex } from '../../domain/ids';
import { actorPayloadDigest } from '../../domain/message';
import { signJws, type TestKey, testKey } from '../fakes/api/keys';

const NOW = '2026-06-01T00:00:00.000Z' as Instant;
const message = { operationId: 'o', planDigest: 'd' };
const claims: ActorClaims = {
  organization: 'acme' as OrganizationName,
  action: 'launchLive',
  payloadDigest: actorPayloadDigest(message),
  role: 'support',
  name: 'sam',
  jti: 'one-user-action-0001',
  exp: Date.parse(NOW) / 1000 + 600,
};
const invalid = expect.objectContaining({ name: 'Refusal', code: 'ACTOR_INVALID' });

let key: TestKey;
let other: TestKey;
let authority: ReturnType<typeof createAuthority>;
beforeAll(async () => {
  [key, other] = [await testKey(), await testKey()];
  authority = createAuthority({
    deployment: 'novantra-test' as Trust['deployment'],
    mode: 'development',
    orderIssuer: { issuer: 'https://commerce.test', keys: [] },
    actorKeys: [key.jwk],
    custodyKeys: [],
  });
});
const sign = async (more: object = {}, by = key) =>
  (await createActorSigner(by.pem, by.jwk.kid))({ ...claims, ...more });

test('as signed, its claims are what was signed', async () => {
  expect(await authority.actor(await sign(), 'launchLive', claims.payloadDigest, NOW)).toEqual(claims);
});

test('the digest is over the message without its token', () => {
  expect(actorPayloadDigest({ ...message, actor: 'a.b.c' })).toBe(claims.payloadDigest);
  expect(actorPayloadDigest({ ...message, planDigest: 'e' })).not.toBe(claims.payloadDigest);
});

test.each<[string, () => Promise<string>, string?, string?]>([
  ['by another key', () => sign({}, other)],
  ['expired', () => sign({ exp: Date.parse(NOW) / 1000 })],
  ['for another action', () => sign(), 'recordHandoff'],
  ['for another message', () => sign(), 'launchLive', 'f'.repeat(64)],
  ['without a request’s id', () => sign({ jti: undefined })],
  ['with one that isn’t of its form', () => sign({ jti: 'a b' })],
  ['with a claim of its own', () => sign({ admin: true })],
  ['of another kind', () => signJws(key, 'JWT', { ...claims })],
])('%s it is refused', async (_what, make, action = 'launchLive', digest: string = claims.payloadDigest) => {
  const token = await make();
  await expect(authority.actor(token, action, digest as Sha256Hex, NOW)).rejects.toEqual(invalid);
});
