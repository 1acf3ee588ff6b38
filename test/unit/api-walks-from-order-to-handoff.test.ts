import { createAuthority } from '../../authority';
import {
  type AwsConnectionInput,
  type AzureConnectionInput,
  type ConnectionInput,
  keyNameToken,
} from '../../domain/connection';
import { actorPayloadDigest } from '../../workflows/contract';
import { type ApiWorld, createApiWorld, SHARED_APP } from '../fakes/api/world';

let world: ApiWorld;
beforeEach(async () => {
  world = await createApiWorld();
});
afterEach(() => world.close());

const AWS: AwsConnectionInput = {
  provider: 'aws-kms',
  region: 'eu-central-1',
  key: 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11',
  credential: { kind: 'aws-role', roleArn: 'arn:aws:iam::111122223333:role/novantra-wrap' },
};
const azureIn = ({ acme }: ApiWorld): AzureConnectionInput => ({
  provider: 'azure-key-vault',
  tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47',
  key: `https://acme-keys.vault.azure.net/keys/${keyNameToken(acme.organization.externalId)}`,
  credential: { kind: 'azure-app', clientId: SHARED_APP },
});

test.each<[string, (world: ApiWorld) => ConnectionInput, number]>([
  ['aws-kms', () => AWS, 7],
  ['azure-key-vault', azureIn, 6],
])('%s: the client’s routes lead from a signed order to the handoff', async (_, inputIn, checks) => {
  const support = world.client('support');
  const admin = world.client('customer-admin');
  const ordered = await support.submitOrder('acme', await world.order());
  expect(ordered).toMatchObject({ orderRef: 'SO-1', seq: 1, kind: 'order', recorded: { replayed: false } });
  const { jwk } = world.approver;
  const { kty, crv, x } = jwk;
  await expect(admin.enrolFirstApprover('acme', { kty, crv, x })).resolves.toMatchObject({
    credentialId: jwk.kid,
  });
  await admin.startActivation('acme');
  const connection = inputIn(world);
  const accepted = await admin.submitConnection('acme', { connection });
  expect(accepted).toMatchObject({ action: 'submitConnection', stage: 'verification', judged: true });
  await admin.runVerification('acme', {});
  expect((await admin.status('acme')).verification?.findings).toHaveLength(checks);
  await support.launchDryRun('acme', { dryRun: true });
  const { digest } = await admin.plan('acme');
  await support.reviewDryRun('acme', { planDigest: digest ?? '', note: 'right key' });
  await admin.decide('acme', {
    decision: 'approve',
    planDigest: digest ?? '',
    evidence: { kind: 'jws', jws: 'a.b.c' },
  });
  await support.launchLive('acme', { planDigest: digest ?? '' });
  await support.recordHandoff('acme', {
    contacts: [{ name: 'Jo', email: 'jo@acme.example', duty: 'security' }],
    runbook: ['https://wiki.acme.example/keys'],
  });
  const status = await support.status('acme');
  expect(status.connection?.input).toEqual(connection);
  expect(status).toMatchObject({
    stage: 'handoff',
    custody: 'customer',
    awaiting: null,
    operation: { stage: 'closed', outcome: 'completed' },
  });
  await expect(support.operation('acme', status.operation?.id ?? '')).resolves.toMatchObject({
    outcome: 'completed',
  });
});

test('a message is sent with its idempotency key and our word who sent it, for exactly that message', async () => {
  await world.client('support').startActivation('acme');
  await world
    .client('customer-admin')
    .runVerification('acme', {}, { idempotencyKey: 'key-of-this-action-1' });
  const sent = world.workflows.sent.at(-1);
  expect(sent).toMatchObject({ kind: 'update', action: 'runVerification', updateId: 'key-of-this-action-1' });
  const claims = await createAuthority(world.trusted).actor(
    String(sent?.message['actor']),
    'runVerification',
    actorPayloadDigest(sent?.message ?? {}),
    world.clock.now,
  );
  expect(claims).toMatchObject({ organization: 'acme', role: 'customer-admin', name: 'customer-admin-1' });
});

test('a durable decision is a signal, and says that nobody has judged it', async () => {
  await world.client('support').startActivation('acme');
  const accepted = await world
    .client('customer-admin')
    .decide(
      'acme',
      { decision: 'reject', planDigest: 'a'.repeat(64), evidence: { kind: 'jws', jws: 'a.b.c' } },
      { durable: true },
    );
  expect(accepted).toMatchObject({ action: 'reject', stage: null, judged: false });
  expect(world.workflows.sent.at(-1)).toMatchObject({ kind: 'signal', action: 'reject' });
});
