import { createHash } from 'node:crypto';
import type { Role } from '../../domain/actor';
import type { JsonObject } from '../../domain/canonical';
import type { EndpointId } from '../../domain/ids';
import { MAINTENANCE_TYP } from '../../domain/maintenance';
import { endpointSecret } from '../../domain/webhook';
import { signJws, type TestKey, testKey } from '../fakes/api/keys';
import { createDesk } from '../fakes/api/terminal';
import { ACME, type ApiWorld, createApiWorld, DEPLOYMENT, GLOBEX, NOW } from '../fakes/api/world';
import { WEBHOOK_KEY } from '../fakes/notices';

let world: ApiWorld;
beforeEach(async () => {
  world = await createApiWorld();
});
afterEach(() => world.close());

const WEBHOOKS = '/v1/organizations/acme/notify/webhooks';
const MAINTENANCE = '/v1/organizations/acme/maintenance';
const URL_OF = 'https://siem.acme.example/smsk';
const NOW_S = Date.parse(NOW) / 1000;
const TOMORROW = new Date(Date.parse(NOW) + 86_400_000).toISOString();

const add = (role: Role, url: string) => world.request(role, 'POST', WEBHOOKS, { json: { url } });
const kept = () => `${world.acme.entries.join('\n')}\n${JSON.stringify(world.log)}`;
/** As a service would make one; the same each time, so that what the detectors think of it is too. */
const token = () => createHash('sha256').update('a token of a test').digest('base64url');

describe('endpoints', () => {
  test('the customer registers one, is shown its secret once, and removes it', async () => {
    const admin = world.client('customer-admin');
    const added = await admin.addEndpoint('acme', URL_OF);
    expect(added.secret).toBe(endpointSecret(WEBHOOK_KEY, ACME, added.endpoint as EndpointId));
    const listed = await admin.endpoints('acme');
    expect(listed.endpoints).toEqual([{ endpoint: added.endpoint, url: URL_OF, registeredAt: NOW }]);
    expect(kept()).not.toContain(added.secret);
    expect(kept()).not.toContain('siem.acme.example');
    await admin.removeEndpoint('acme', added.endpoint);
    expect((await admin.endpoints('acme')).endpoints).toEqual([]);
  });

  test.each(['support', 'sre', 'customer-auditor', 'service', 'approver', 'commerce'] as const)(
    '%s can’t say where the customer is told',
    async (role) => {
      expect(await add(role, URL_OF)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      expect(world.acme.endpoints).toEqual([]);
    },
  );

  test.each([
    ['a token in its path', () => `https://siem.acme.example/hook/${token()}`],
    ['a token in its query', () => `https://siem.acme.example/?api_key=${token()}`],
  ])('inv07: %s is refused, and kept nowhere', async (_, urlOf) => {
    const url = urlOf();
    const secret = url.slice(-43);
    const answer = await add('customer-admin', url);
    expect(answer).toMatchObject({ status: 422, body: { code: 'RAW_KEY_MATERIAL' } });
    expect(answer.text + kept()).not.toContain(secret);
    expect(world.store.refusals).toMatchObject([{ subject: 'notice', code: 'RAW_KEY_MATERIAL' }]);
  });

  test.each([
    'http://siem.acme.example/',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://x@siem.acme.example/',
  ])('%s is no address for one', async (url) => {
    expect(await add('customer-admin', url)).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID' } });
    expect(world.acme.endpoints).toEqual([]);
  });
});

describe('maintenance windows', () => {
  beforeEach(async () => {
    const { kty, crv, x } = world.approver.jwk;
    await world.client('support').submitOrder('acme', await world.order());
    await world.client('customer-admin').enrolFirstApprover('acme', { kty, crv, x });
  });

  const payload = (change: JsonObject = {}): JsonObject => ({
    ...{ type: 'smsk-maintenance/v1', action: 'declare', deployment: DEPLOYMENT, org: ACME },
    ...{ from: NOW, until: TOMORROW, reason: 'moving the key store', nonce: 'n'.repeat(32) },
    ...{ credentialId: world.approver.jwk.kid, exp: NOW_S + 60 },
    ...change,
  });
  const declare = async (change: JsonObject = {}, key: TestKey = world.approver, typ = MAINTENANCE_TYP) =>
    world.request('support', 'POST', MAINTENANCE, {
      json: { jws: await signJws(key, typ, payload(change)) },
    });

  test('declared, listed, handed in again, cancelled', async () => {
    const jws = await signJws(world.approver, MAINTENANCE_TYP, payload());
    const support = world.client('support');
    const declared = await support.signMaintenance('acme', jws);
    expect(declared).toMatchObject({ action: 'declare', recorded: { replayed: false } });
    expect(await support.signMaintenance('acme', jws)).toMatchObject({ recorded: { replayed: true } });
    expect(await support.maintenance('acme')).toMatchObject({
      windows: [{ from: NOW, until: TOMORROW, reason: 'moving the key store', cancelledAt: null }],
    });
    expect(kept()).not.toContain(jws);
    const { from: _from, until: _until, reason: _reason, ...rest } = payload();
    const cancel = { ...rest, action: 'cancel', cancels: 'n'.repeat(32), nonce: 'c'.repeat(32) };
    await support.signMaintenance('acme', await signJws(world.approver, MAINTENANCE_TYP, cancel));
    expect((await support.maintenance('acme')).windows[0]?.cancelledAt).toBe(NOW);
  });

  test.each<[string, JsonObject, string]>([
    ['for another organization', { org: GLOBEX }, 'APPROVAL_OTHER_PLAN'],
    ['for another deployment', { deployment: 'novantra-us' }, 'APPROVAL_OTHER_PLAN'],
    ['that has expired', { exp: NOW_S - 1 }, 'APPROVAL_EXPIRED'],
    ['with a member too many', { also: 'this' }, 'APPROVAL_MALFORMED'],
    ['with a reason of two lines', { reason: 'one\ntwo' }, 'APPROVAL_MALFORMED'],
    ['longer than 7 days', { until: '2026-06-08T00:00:00.001Z' }, 'INPUT_INVALID'],
    [
      'that is over',
      { from: '2026-05-01T00:00:00.000Z', until: '2026-05-02T00:00:00.000Z' },
      'INPUT_INVALID',
    ],
    ['that ends before it begins', { from: TOMORROW, until: NOW }, 'INPUT_INVALID'],
  ])('one %s is refused, and that is recorded', async (_, change, code) => {
    expect((await declare(change)).body).toMatchObject({ code });
    expect(world.store.refusals).toMatchObject([{ subject: 'maintenance', code }]);
    expect(world.acme.windows).toEqual([]);
  });

  test('one signed by a stranger, or with another purpose, is refused', async () => {
    const stranger = await testKey();
    expect((await declare({}, stranger)).body).toMatchObject({ code: 'APPROVAL_KEY_UNKNOWN' });
    const forged = { pem: stranger.pem, jwk: world.approver.jwk };
    expect((await declare({}, forged)).body).toMatchObject({ code: 'APPROVAL_SIGNATURE_INVALID' });
    const other = await declare({}, world.approver, 'smsk-enrolment+jws');
    expect(other.body).toMatchObject({ code: 'APPROVAL_MALFORMED' });
  });

  test('inv07: a reason that holds a key is refused, though it came inside a signature', async () => {
    const secret = token();
    const answer = await declare({ reason: `the client secret is ${secret}` });
    expect(answer).toMatchObject({ status: 422, body: { code: 'RAW_KEY_MATERIAL' } });
    expect(answer.text + kept()).not.toContain(secret);
    const refusal = world.acme.entries.map((entry) => JSON.parse(entry) as JsonObject).at(-1);
    expect(refusal).toMatchObject({
      type: 'refusal',
      body: { subject: 'maintenance', code: 'RAW_KEY_MATERIAL', found: { channel: 'api', field: 'reason' } },
    });
    expect(world.acme.windows).toEqual([]);
  });
});

test('smsk: notify and maintenance, from beginning to end', async () => {
  const desk = createDesk(world);
  try {
    const asAdmin = { as: 'customer-admin' } as const;
    const org = ['--org', 'acme'];
    const added = await desk.smsk(['notify', 'add', ...org, '--to', URL_OF, '--json'], asAdmin);
    expect(added.json.secret).toMatch(/^whsec_/);
    expect((await desk.smsk(['notify', 'list', ...org], asAdmin)).out).toContain(URL_OF);
    const gone = await desk.smsk(['notify', 'remove', ...org, '--endpoint', added.json.endpoint], asAdmin);
    expect(gone.exitCode).toBe(0);
    expect((await desk.smsk(['notify', 'list', ...org], asAdmin)).out).toBe('acme: no webhook endpoint\n');

    const { kty, crv, x } = world.approver.jwk;
    await world.client('support').submitOrder('acme', await world.order());
    await world.client('customer-admin').enrolFirstApprover('acme', { kty, crv, x });
    const key = ['--key', desk.file('ada.pem', world.approver.pem)];
    const declare = ['maintenance', 'declare', ...org, ...key, '--until', TOMORROW, '--reason', 'moving it'];
    const declared = await desk.smsk([...declare, '--json'], asAdmin);
    expect([declared.err, declared.exitCode]).toEqual(['', 0]);
    const window = String(declared.json.window);
    expect((await desk.smsk(['maintenance', 'list', ...org], asAdmin)).out).toContain('moving it');
    const cancel = ['maintenance', 'cancel', ...org, ...key, '--window', window];
    expect((await desk.smsk(cancel, asAdmin)).exitCode).toBe(0);
    expect((await desk.smsk(cancel, asAdmin)).err).toContain('MAINTENANCE_UNKNOWN');
    const late = [
      'maintenance',
      'declare',
      ...org,
      ...key,
      '--until',
      '2027-01-01T00:00:00.000Z',
      '--reason',
      'x',
    ];
    expect(await desk.smsk(late, asAdmin)).toMatchObject({ exitCode: 2 });
  } finally {
    desk.close();
  }
});
