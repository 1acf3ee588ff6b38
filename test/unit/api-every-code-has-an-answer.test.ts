import { randomUUID } from 'node:crypto';
import { WorkspaceUnavailable } from '../../cipher';
import { EFFECT_TEXT, REQUEST_CODES, type RequestCode } from '../../domain/codes';
import { ENROLMENT_TYP } from '../../domain/enrolment';
import { DatabaseUnavailable, Refusal } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import { MAINTENANCE_TYP } from '../../domain/maintenance';
import type { Authority } from '../../domain/ports/authority';
import { signJws, type TestKey, testKey } from '../fakes/api/keys';
import { operationAt } from '../fakes/api/workflows';
import { ACME, type ApiWorld, BEHIND, createApiWorld, DEPLOYMENT, GLOBEX, NOW } from '../fakes/api/world';

type Answer = Awaited<ReturnType<ApiWorld['request']>>;
type Produce = (world: ApiWorld) => Promise<Answer>;

const NOW_S = Date.parse(NOW) / 1000;
const KEYED = { 'idempotency-key': 'key-of-this-action-1' };
const DIGEST = 'a'.repeat(64);
const activation = '/v1/organizations/acme/activation';
const operation = '/v1/organizations/acme/operation';

const submit = async (world: ApiWorld, order: string) =>
  world.request('commerce', 'POST', '/v1/organizations/acme/orders', { json: { jws: order } });
const enrolKey = (world: ApiWorld, { kty, crv, x }: TestKey['jwk']) =>
  world.request('customer-admin', 'POST', '/v1/organizations/acme/approvers', {
    json: { publicJwk: { kty, crv, x } },
  });
const encrypt = (world: ApiWorld) =>
  world.request('service', 'POST', '/v1/organizations/acme/encrypt', {
    json: { plaintext: 'aGk=', context: {} },
  });
const decrypt = (world: ApiWorld, ciphertext: string) =>
  world.request('service', 'POST', '/v1/organizations/acme/decrypt', { json: { ciphertext, context: {} } });
const cancel = (world: ApiWorld, json: object = {}) =>
  world.request('support', 'POST', `${operation}/cancel`, { json, headers: KEYED });

/** An activation at its first wait. */
const opened = (world: ApiWorld) => world.store.setOperation(world.acme, operationAt(ACME, 'setup', NOW));

/** What the workflow refuses comes through with its own code. */
const fromWorkflow =
  (code: RequestCode): Produce =>
  (world) => {
    opened(world);
    world.workflows.refusing = new Refusal(code, 'in our words');
    return cancel(world);
  };

async function withApprover(world: ApiWorld): Promise<void> {
  await submit(world, await world.order());
  await enrolKey(world, world.approver.jwk);
}

/** An enrolment of a new key by acme's first approver, with something about it changed. */
async function enrolment(
  world: ApiWorld,
  change: { payload?: object; signer?: TestKey; kid?: TestKey } = {},
): Promise<Answer> {
  await withApprover(world);
  const { kty, crv, x } = (await testKey()).jwk;
  const signer = change.signer ?? world.approver;
  const named = { pem: signer.pem, jwk: (change.kid ?? signer).jwk };
  const jws = await signJws(named, ENROLMENT_TYP, {
    type: 'smsk-enrolment/v1',
    action: 'enrol',
    deployment: DEPLOYMENT,
    org: ACME,
    publicJwk: { kty, crv, x },
    credentialId: named.jwk.kid,
    nonce: 'n'.repeat(32),
    exp: NOW_S + 60,
    ...change.payload,
  });
  return world.request('customer-admin', 'POST', '/v1/organizations/acme/approvers', {
    json: { enrolment: jws },
  });
}

const references = '/v1/organizations/acme/credential-references';
const registerReference = (world: ApiWorld) =>
  world.request('support', 'POST', references, {
    json: {
      name: 'acme-wrap',
      provider: 'aws-kms',
      key: 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11',
      identity: 'arn:aws:iam::111122223333:user/novantra-wrap',
      locator: 'aws:acme-wrap',
      notAfter: '2027-06-01T00:00:00.000Z',
    },
    headers: { 'idempotency-key': `key-${randomUUID()}` },
  });

/** Each code the API answers with, and a request that gets it. A new code needs its line here. */
const PRODUCERS: Readonly<Record<RequestCode, Produce>> = {
  ENDPOINT_UNKNOWN: (world) =>
    world.request('customer-admin', 'POST', `/v1/organizations/acme/notify/webhooks/${ACME}/removal`),
  MAINTENANCE_UNKNOWN: async (world) => {
    await withApprover(world);
    const { approver } = world;
    const jws = await signJws(approver, MAINTENANCE_TYP, {
      ...{ type: 'smsk-maintenance/v1', action: 'cancel', deployment: DEPLOYMENT, org: ACME },
      ...{ credentialId: approver.jwk.kid, nonce: 'n'.repeat(32), cancels: 'm'.repeat(32), exp: NOW_S + 60 },
    });
    return world.request('customer-admin', 'POST', '/v1/organizations/acme/maintenance', { json: { jws } });
  },
  NOTICE_UNDELIVERED: fromWorkflow('NOTICE_UNDELIVERED'),
  NOTHING_TO_CHANGE: fromWorkflow('NOTHING_TO_CHANGE'),
  KEY_IN_USE_REFUSES: fromWorkflow('KEY_IN_USE_REFUSES'),
  PAYLOAD_UNREADABLE: fromWorkflow('PAYLOAD_UNREADABLE'),
  PAYLOAD_UNSEALED: fromWorkflow('PAYLOAD_UNSEALED'),
  INPUT_INVALID: (world) =>
    world.request('support', 'POST', '/v1/organizations', { json: { name: 'Not A Name' } }),
  INPUT_TOO_LARGE: (world) =>
    world.request('commerce', 'POST', '/v1/organizations/acme/orders', { json: { jws: 'a'.repeat(90_000) } }),
  RAW_KEY_MATERIAL: (world) => {
    opened(world);
    const note = '-----BEGIN PRIVATE KEY----- MC4CAQAwBQYDK2VwBCIEIA';
    return world.request('support', 'POST', `${operation}/review`, {
      json: { planDigest: DIGEST, note },
      headers: KEYED,
    });
  },
  UNAUTHENTICATED: (world) => world.request(null, 'GET', '/v1/organizations'),
  FORBIDDEN: (world) =>
    world.request('customer-auditor', 'POST', '/v1/organizations', { json: { name: 'initech' } }),
  ORGANIZATION_UNKNOWN: (world) => world.request('support', 'GET', '/v1/organizations/nobody'),
  OPERATION_UNKNOWN: (world) => cancel(world),
  INCIDENT_UNKNOWN: (world) =>
    world.request('support', 'POST', '/v1/organizations/acme/incident/probe', { json: {}, headers: KEYED }),
  ORGANIZATION_EXISTS: async (world) => {
    await world.request('support', 'POST', '/v1/organizations', { json: { name: 'initech' } });
    return world.request('support', 'POST', '/v1/organizations', { json: { name: 'initech' } });
  },
  ALREADY_ACTIVE: async (world) => {
    await world.client('support').createOrganization('initech');
    const row = world.store.rows.get('initech');
    if (row?.status.custody)
      row.status = { ...row.status, custody: { ...row.status.custody, custody: 'customer' } };
    return world.request('support', 'POST', '/v1/organizations/initech/activation');
  },
  // Only what a rotation ended with.
  NOTHING_TO_ROTATE: fromWorkflow('NOTHING_TO_ROTATE'),
  NOT_CUSTOMER_CUSTODY: (world) =>
    world.request('support', 'POST', '/v1/organizations/acme/rotation', { json: {} }),
  OPERATION_OPEN: async (world) => {
    await world.request('support', 'POST', activation);
    return world.request('support', 'POST', activation);
  },
  OPERATION_LOCKED: fromWorkflow('OPERATION_LOCKED'),
  OPERATION_STALE: fromWorkflow('OPERATION_STALE'),
  WORKFLOW_ID_FOREIGN: fromWorkflow('WORKFLOW_ID_FOREIGN'),
  STAGE_MISMATCH: (world) => {
    world.store.setOperation(world.acme, { ...operationAt(ACME, 'closed', NOW), outcome: 'cancelled' });
    return cancel(world);
  },
  DRY_RUN_NOT_EXPLICIT: (world) =>
    world.request('support', 'POST', `${operation}/dry-run`, { json: {}, headers: KEYED }),
  DRY_RUN_NOT_CLEAN: fromWorkflow('DRY_RUN_NOT_CLEAN'),
  PLAN_UNKNOWN: (world) => {
    opened(world);
    return world.request('customer-admin', 'GET', `${operation}/plan`);
  },
  PLAN_CHANGED: fromWorkflow('PLAN_CHANGED'),
  PLAN_EXPIRED: fromWorkflow('PLAN_EXPIRED'),
  ORDER_MISSING: (world) => enrolKey(world, world.approver.jwk),
  ORDER_MALFORMED: (world) => submit(world, 'bm90.YW4.b3JkZXI'),
  ORDER_SIGNATURE_INVALID: async (world) => submit(world, await world.order({}, await testKey())),
  ORDER_EXPIRED: async (world) => submit(world, await world.order({ exp: NOW_S - 1 })),
  ORDER_WITHDRAWN: async (world) => {
    await submit(world, await world.order({ kind: 'withdrawal' }));
    return enrolKey(world, world.approver.jwk);
  },
  ORDER_FOREIGN: async (world) => submit(world, await world.order({ org: GLOBEX })),
  ORDER_REPLAYED: async (world) => {
    await submit(world, await world.order({ seq: 2 }));
    return submit(world, await world.order({ seq: 1 }));
  },
  ORDER_DEVELOPMENT: async () => {
    const world = await createApiWorld({ authority: production });
    try {
      return await submit(world, 'bm90.YW4.b3JkZXI');
    } finally {
      await world.close();
    }
  },
  CONNECTION_IN_USE: fromWorkflow('CONNECTION_IN_USE'),
  REFERENCE_EXISTS: async (world) => {
    await registerReference(world);
    return registerReference(world);
  },
  REFERENCE_NOT_FOUND: (world) =>
    world.request('support', 'POST', `${references}/acme-wrap/withdrawal`, { headers: KEYED }),
  SECOND_PERSON_NEEDED: async (world) => {
    const { recorded } = (await registerReference(world)).body as { recorded: { index: number } };
    const json = { registration: recorded.index };
    return world.request('support', 'POST', `${references}/acme-wrap/confirmation`, { json, headers: KEYED });
  },
  VERIFICATION_MISSING: fromWorkflow('VERIFICATION_MISSING'),
  APPROVAL_MALFORMED: (world) => enrolment(world, { payload: { surplus: true } }),
  APPROVAL_SIGNATURE_INVALID: async (world) =>
    enrolment(world, { signer: await testKey(), kid: world.approver }),
  APPROVAL_KEY_UNKNOWN: async (world) => enrolment(world, { signer: await testKey() }),
  APPROVAL_KEY_REMOVED: async (world) => {
    await withApprover(world);
    const [key] = world.acme.approvers;
    if (key !== undefined) world.acme.approvers[0] = { ...key, removedAt: NOW };
    return enrolKey(world, world.approver.jwk);
  },
  APPROVAL_EXPIRED: (world) => enrolment(world, { payload: { exp: NOW_S - 1 } }),
  APPROVAL_REPLAYED: fromWorkflow('APPROVAL_REPLAYED'),
  APPROVAL_OTHER_PLAN: (world) => enrolment(world, { payload: { org: GLOBEX } }),
  APPROVAL_MISSING: fromWorkflow('APPROVAL_MISSING'),
  OPERATOR_APPROVAL_MISSING: fromWorkflow('OPERATOR_APPROVAL_MISSING'),
  OPERATOR_APPROVAL_INVALID: fromWorkflow('OPERATOR_APPROVAL_INVALID'),
  INCIDENT_OPEN: fromWorkflow('INCIDENT_OPEN'),
  ACTOR_INVALID: fromWorkflow('ACTOR_INVALID'),
  IDEMPOTENCY_KEY_REUSED: (world) => {
    opened(world);
    // Temporal answers a known update id with the first answer.
    world.workflows.answering = { operationId: randomUUID(), action: 'runVerification' };
    return cancel(world);
  },
  WORKSPACE_UNAVAILABLE: (world) => {
    world.cipher.failing = new WorkspaceUnavailable('KEY_DISABLED', 'req-4711' as RequestId);
    return encrypt(world);
  },
  CIPHERTEXT_MALFORMED: (world) => decrypt(world, 'aGk='),
  CIPHERTEXT_REJECTED: async (world) => {
    const foreign = await world.cipher.encrypt(GLOBEX, Buffer.from('hi'), {});
    return decrypt(world, foreign.toString('base64'));
  },
  OVERLOADED: (world) => {
    world.cipher.failing = new Refusal('OVERLOADED');
    return encrypt(world);
  },
  LEDGER_BEHIND: async () => {
    const world = await createApiWorld({ behind: BEHIND });
    try {
      return await encrypt(world);
    } finally {
      await world.close();
    }
  },
  LEDGER_MISMATCH: fromWorkflow('LEDGER_MISMATCH'),
  NO_WORKER: (world) => {
    opened(world);
    world.workflows.isDown = true;
    return cancel(world);
  },
  DATABASE_UNAVAILABLE: (world) => {
    world.store.broken = new DatabaseUnavailable('57P01');
    return encrypt(world);
  },
  NOT_READY: (world) => {
    world.store.broken = new Error('connection refused');
    return world.request(null, 'GET', '/readyz');
  },
  INTERNAL: (world) => {
    world.store.broken = new Error('password authentication failed for user "smsk" at 10.0.0.7');
    return world.request('support', 'GET', '/v1/organizations');
  },
};

/** Judges a development order as the authority of a production deployment does (`authority/order.ts`). */
const production = { order: () => Promise.reject(new Refusal('ORDER_DEVELOPMENT')) } as unknown as Authority;

let world: ApiWorld;
beforeEach(async () => {
  world = await createApiWorld();
});
afterEach(() => world.close());

test.each(Object.keys(REQUEST_CODES) as RequestCode[])('%s', async (code) => {
  const answer = await PRODUCERS[code](world);
  const { status, text, effect, remedy } = REQUEST_CODES[code];
  expect(answer.body).toMatchObject({ code, status, text, title: text, type: `urn:smsk:problem:${code}` });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body['reference']).toMatch(/^[0-9a-f-]{36}$/);
  if (code !== 'WORKSPACE_UNAVAILABLE') {
    expect(answer.body).toMatchObject({ remedy, effect: EFFECT_TEXT[effect] });
  }
});

test('an unavailable workspace says both codes, the provider’s request id, and what to do', async () => {
  const { body } = await PRODUCERS.WORKSPACE_UNAVAILABLE(world);
  expect(body).toMatchObject({
    code: 'WORKSPACE_UNAVAILABLE',
    providerCode: 'KEY_DISABLED',
    providerRequestId: 'req-4711',
    detail: 'The key is disabled.',
    effect: EFFECT_TEXT.unreadable,
    remedy: 'Enable the key in your provider account. Access returns with the next operation.',
  });
});

test('what passes by itself says after how many seconds', async () => {
  const retryAfter = async (code: RequestCode) => (await PRODUCERS[code](world)).headers.get('retry-after');
  expect(await retryAfter('OVERLOADED')).toBe('1');
  expect(await retryAfter('NOT_READY')).toBe('5');
  expect(await retryAfter('DATABASE_UNAVAILABLE')).toBe('5');
  expect(await retryAfter('UNAUTHENTICATED')).toBeNull();
});

test('what concerns custody is in the ledger before it’s answered', async () => {
  for (const code of ['ORDER_EXPIRED', 'APPROVAL_EXPIRED', 'RAW_KEY_MATERIAL'] as const)
    await PRODUCERS[code](world);
  expect(world.store.refusals.map(({ subject, code }) => [subject, code])).toEqual([
    ['order', 'ORDER_EXPIRED'],
    ['approval', 'APPROVAL_EXPIRED'],
    ['dry-run', 'RAW_KEY_MATERIAL'],
  ]);
});

test('a database that is away is an event of its own, and no refusal of the caller’s', async () => {
  await PRODUCERS.DATABASE_UNAVAILABLE(world);
  expect(world.log.filter(({ event }) => event === 'database.unavailable')).toMatchObject([
    { databaseCode: '57P01', reference: expect.any(String) },
  ]);
  expect(world.log.filter(({ event }) => event === 'api.internal')).toEqual([]);
  expect(await world.metrics.registry.metrics()).toContain(
    'smsk_refusals_total{code="DATABASE_UNAVAILABLE"} 1',
  );
  expect(world.store.refusals).toEqual([]);
});

test('an error that isn’t ours shows nothing of itself', async () => {
  const { text } = await PRODUCERS.INTERNAL(world);
  expect(text).not.toMatch(/password|10\.0\.0\.7|smsk"|at \//);
  expect(JSON.stringify(world.log)).not.toMatch(/password|10\.0\.0\.7/);
});
