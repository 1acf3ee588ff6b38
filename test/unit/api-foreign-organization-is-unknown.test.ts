import { may, type Permission, ROLES, type Role } from '../../domain/actor';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());

const ID = '6f1c1d2e-0000-4000-8000-000000000009';
/** What a route calls its parameters, where this test has a value. */
const templated = (path: string): string =>
  path
    .replace(`/operations/${ID}`, '/operations/{operation}')
    .replace(`/webhooks/${ID}`, '/webhooks/{endpoint}')
    .replace('/incidents/7', '/incidents/{incident}')
    .replace('/acme-wrap/', '/{name}/');

/** Every route that names an organization: what it needs, and how it's asked. */
const ROUTES: readonly (readonly [Permission, 'GET' | 'POST', string])[] = [
  ['readStatus', 'GET', ''],
  ['readStatus', 'GET', '/status'],
  ['readStatus', 'GET', `/operations/${ID}`],
  ['submitOrder', 'POST', '/orders'],
  ['readStatus', 'GET', '/approvers'],
  ['enrolApprover', 'POST', '/approvers'],
  ['readReferences', 'GET', '/credential-references'],
  ['registerReference', 'POST', '/credential-references'],
  ['confirmReference', 'POST', '/credential-references/acme-wrap/confirmation'],
  ['withdrawReference', 'POST', '/credential-references/acme-wrap/withdrawal'],
  ['checkDrift', 'POST', '/drift-check'],
  ['readAudit', 'GET', '/audit'],
  ['runAudit', 'POST', '/audit'],
  ['startActivation', 'POST', '/activation'],
  ['startConnectionChange', 'POST', '/connection-change'],
  ['submitConnection', 'POST', '/operation/connection'],
  ['runVerification', 'POST', '/operation/verification'],
  ['launchDryRun', 'POST', '/operation/dry-run'],
  ['reviewDryRun', 'POST', '/operation/review'],
  ['approve', 'POST', '/operation/approval'],
  ['launchLive', 'POST', '/operation/live'],
  ['recordHandoff', 'POST', '/operation/handoff'],
  ['cancel', 'POST', '/operation/cancel'],
  ['approveOffboarding', 'POST', '/operation/operator-approval'],
  ['startOffboarding', 'POST', '/offboarding'],
  ['startRotation', 'POST', '/rotation'],
  ['readStatus', 'GET', '/keys'],
  ['readStatus', 'GET', '/operation/plan'],
  ['readStatus', 'GET', '/connection/policy'],
  ['readStatus', 'GET', '/incidents'],
  ['readStatus', 'GET', '/incidents/7'],
  ['probeNow', 'POST', '/incident/probe'],
  ['acknowledge', 'POST', '/incident/acknowledge'],
  ['annotate', 'POST', '/incident/annotate'],
  ['readLedger', 'GET', '/ledger'],
  ['readLedger', 'GET', '/ledger/checkpoint'],
  ['readLedger', 'GET', '/evidence'],
  ['readNotices', 'GET', '/maintenance'],
  ['declareMaintenance', 'POST', '/maintenance'],
  ['readNotices', 'GET', '/notify/webhooks'],
  ['manageEndpoints', 'POST', '/notify/webhooks'],
  ['manageEndpoints', 'POST', `/notify/webhooks/${ID}/removal`],
  ['useCipher', 'POST', '/encrypt'],
  ['useCipher', 'POST', '/decrypt'],
];

test('these are all the routes there are', async () => {
  const { body } = await world.request(null, 'GET', '/openapi.json');
  const documented = Object.entries(body['paths'] as Record<string, object>).flatMap(([path, methods]) =>
    path.includes('{org}') ? Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`) : [],
  );
  const listed = ROUTES.map(([, method, path]) => `${method} /v1/organizations/{org}${templated(path)}`);
  expect(documented.sort()).toEqual(listed.sort());
});

const CUSTOMERS: readonly Role[] = ['customer-admin', 'customer-auditor', 'approver', 'service'];

test.each(ROUTES)(
  '%s: %s …%s: another’s organization answers exactly as none',
  async (permission, method, path) => {
    const role = CUSTOMERS.find((each) => may(each, permission));
    if (role === undefined) return;
    const ask = async (organization: string) => {
      const answer = await world.request(role, method, `/v1/organizations/${organization}${path}`);
      const { reference, ...body } = answer.body;
      expect(reference).toEqual(expect.any(String));
      return { status: answer.status, body, type: answer.headers.get('content-type') };
    };
    const foreign = await ask('globex');
    expect(foreign.body['code']).toBe('ORGANIZATION_UNKNOWN');
    expect(foreign).toEqual(await ask('no-such-organization'));
    expect(foreign).toEqual(await ask('Not%20a%20name'));
  },
);

test.each(ROUTES)('%s: %s …%s: only who may', async (permission, method, path) => {
  for (const role of ROLES.filter((each) => !may(each, permission))) {
    const { body } = await world.request(role, method, `/v1/organizations/acme${path}`);
    expect([role, body['code']]).toEqual([role, 'FORBIDDEN']);
  }
  const { status } = await world.request(null, method, `/v1/organizations/acme${path}`);
  expect(status).toBe(401);
});

test('a customer’s token without an organization may do nothing', async () => {
  world.store.addToken('unbound-token-0123456789', { role: 'service', name: 'x', organization: null });
  const answer = await world.request(null, 'POST', '/v1/organizations/acme/encrypt', {
    json: { plaintext: '', context: {} },
    headers: { authorization: 'Bearer unbound-token-0123456789' },
  });
  expect(answer.body).toMatchObject({ code: 'FORBIDDEN' });
});

test('a list shows a customer its own organization only', async () => {
  const names = async (role: Role) =>
    (await world.client(role).organizations()).organizations.map(({ name }) => name);
  expect(await names('customer-admin')).toEqual(['acme']);
  expect(await names('support')).toEqual(['acme', 'globex']);
});
