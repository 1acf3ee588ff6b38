import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { findKeyMaterial } from '../../domain/intake/key-material';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

const { privateKey } = generateKeyPairSync('ed25519');
// Made at random each time: none of these is anybody's.
const SECRETS: readonly (readonly [string, string])[] = [
  ['pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['jwk', JSON.stringify(privateKey.export({ format: 'jwk' }))],
  ['hex-key', randomBytes(32).toString('hex')],
  ['hex-key', randomBytes(16).toString('hex')],
  ['base64-key', `Aa1${randomBytes(48).toString('base64')}`.slice(0, 43)],
  ['aws-access-key-id', `use AKIA${'Q'.repeat(16)} please`],
  ['aws-secret-access-key', `Aa1/${'bC2+'.repeat(9)}`],
  ['json-web-token', `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`],
];

test.each(SECRETS)('%s is found wherever it stands', (detector, secret) => {
  expect(findKeyMaterial({ note: secret })).toEqual({ field: 'body/note', detector, length: secret.length });
  expect(findKeyMaterial({ contacts: [{ name: secret }] })).toMatchObject({
    field: 'body/contacts/0/name',
    detector,
  });
  expect(findKeyMaterial({ [secret]: 'x' })).toMatchObject({ field: 'body/…', detector });
});

test('what people write isn’t taken for a key', () => {
  const texts = [
    'Reviewed with Jo Doe on the phone, ticket 12345-ABC, all fine.',
    'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11',
    'arn:aws:kms:eu-central-1:111122223333:alias/production/workspace-encryption',
    'arn:aws:iam::111122223333:role/teams/security/novantra-wrap',
    'https://wiki.acme.example/runbooks/self-managed-keys/escalation-and-recovery',
    'jo.doe+keys@acme.example',
  ];
  for (const text of texts) expect([text, findKeyMaterial({ text })]).toEqual([text, null]);
});

describe('at the API', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await createApiWorld();
    await world.client('support').startActivation('acme');
  });
  afterAll(() => world.close());

  test.each(SECRETS)('%s: refused, in the ledger, and nothing of it kept', async (_, secret) => {
    const sent = world.workflows.sent.length;
    const answer = await world.request('support', 'POST', '/v1/organizations/acme/operation/handoff', {
      json: { contacts: [{ name: secret, email: 'jo@acme.example', duty: 'security' }], runbook: [] },
      headers: { 'idempotency-key': 'key-of-this-action-1' },
    });
    expect(answer.body).toMatchObject({ code: 'RAW_KEY_MATERIAL' });
    expect(world.store.refusals.at(-1)).toMatchObject({ code: 'RAW_KEY_MATERIAL' });
    expect(world.workflows.sent).toHaveLength(sent);
    const kept = [answer.text, JSON.stringify(world.log), world.acme.entries.join('\n')].join('\n');
    expect(kept).not.toContain(secret.slice(0, 20));
  });

  test('a private key sent to be enrolled is refused as what it is', async () => {
    const publicJwk = privateKey.export({ format: 'jwk' });
    const answer = await world.request('customer-admin', 'POST', '/v1/organizations/acme/approvers', {
      json: { publicJwk },
    });
    expect(answer.body).toMatchObject({ code: 'RAW_KEY_MATERIAL' });
    expect(world.store.refusals.at(-1)).toMatchObject({ subject: 'approval', code: 'RAW_KEY_MATERIAL' });
    expect(`${answer.text} ${JSON.stringify(world.log)}`).not.toContain(publicJwk.d);
  });
});
