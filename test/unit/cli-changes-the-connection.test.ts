import { EXIT } from '../../cli/exit-codes';
import { checkedPlan } from '../../cli/plan-shape';
import { planText } from '../../cli/words/plan';
import type { ConnectionId, DryRunId, Instant, KeyRef, KeyVersion, LedgerIndex } from '../../domain/ids';
import { type PlanFacts, planDigest, planOf } from '../../domain/plan';
import { digest } from '../fakes/api/store';
import { createDesk, type Desk } from '../fakes/api/terminal';
import { operationAt } from '../fakes/api/workflows';
import { ACME, type ApiWorld, createApiWorld, NOW } from '../fakes/api/world';

let world: ApiWorld;
let desk: Desk;
beforeEach(async () => {
  world = await createApiWorld();
  desk = createDesk(world);
});
afterEach(async () => {
  desk.close();
  await world.close();
});

const ORG = ['--org', 'acme'];
const OLD = 'https://acme.vault.azure.net/keys/smsk/00000000000000000000000000000001' as KeyRef;
const NEW = 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11' as KeyRef;
const facts: PlanFacts = {
  kind: 'change-connection',
  deployment: 'novantra-eu' as PlanFacts['deployment'],
  organization: { id: ACME, name: 'acme' as PlanFacts['organization']['name'] },
  operationId: '6f1c1d2e-0000-4000-8000-000000000002' as PlanFacts['operationId'],
  order: { orderRef: 'SO-1', digest: digest('order') },
  connection: {
    id: '6f1c1d2e-0000-4000-8000-000000000003' as ConnectionId,
    digest: digest('new'),
    input: {
      provider: 'aws-kms',
      region: 'eu-central-1',
      key: NEW,
      credential: { kind: 'aws-role', roleArn: 'arn:aws:iam::111122223333:role/novantra' },
    },
    keyRef: NEW,
    verifiedBy: 40 as LedgerIndex,
  },
  from: { id: '6f1c1d2e-0000-4000-8000-000000000004' as ConnectionId, digest: digest('old'), keyRef: OLD },
  live: [1, 2].map((version) => ({
    version: version as KeyVersion,
    envelopeSha256: digest(`envelope ${version}`),
    checkValue: digest(`check ${version}`),
  })),
};
const plan = planOf(facts, '6f1c1d2e-0000-4000-8000-000000000005' as DryRunId, NOW);

const active = () => {
  const custody = { custody: 'customer', sealing: false, currentVersion: 2 } as never;
  world.acme.status = { ...world.acme.status, custody };
};

test('`smsk connection change` starts it, signed, and the status says what it is and who is awaited', async () => {
  active();
  const started = await desk.smsk(['connection', 'change', ...ORG]);
  expect(started).toMatchObject({
    exitCode: EXIT.ok,
    out: expect.stringContaining('change of connection started\n'),
  });
  expect(started.out).toContain('now        change of connection at stage setup\n');
  expect(started.out).toContain('enter the new connection');
  expect(world.workflows.sent[0]).toMatchObject({
    action: 'startConnectionChange',
    message: { organization: 'acme', actor: expect.any(String) },
  });
  const { out } = await desk.smsk(['status', ...ORG]);
  expect(out).toMatch(/- {2}recordHandoff +not part of this operation \(change-connection\)/);
  expect(out).toMatch(/- {2}startConnectionChange +an operation is open \(change-connection\)/);
});

test('in platform custody, or by somebody who may not, it isn’t started', async () => {
  const refusedWith = async (role: Parameters<ApiWorld['request']>[0]) =>
    (await world.request(role, 'POST', '/v1/organizations/acme/connection-change')).body['code'];
  expect(await refusedWith('support')).toBe('NOT_CUSTOMER_CUSTODY');
  active();
  expect(await refusedWith('customer-auditor')).toBe('FORBIDDEN');
  expect(world.workflows.sent).toEqual([]);
});

test('its plan names the key it is from, the one it is to, and what becomes of the former', () => {
  const sha256 = planDigest(plan);
  const { plan: shown } = checkedPlan(plan, sha256);
  const text = planText(shown, sha256);
  for (const value of [
    OLD,
    NEW,
    digest('old'),
    digest('new'),
    digest('envelope 1'),
    digest('check 2'),
    sha256,
  ])
    expect(text).toContain(value);
  expect(text).toContain('customer → customer');
  expect(text).toContain('version 3  is made new; the key in use never wraps it');
  expect(text).not.toContain('operator’s own key');
});

test('a plan that is neither kind whole, or has a member of the other, isn’t shown', () => {
  const { from: _from, ...without } = plan as typeof plan & { from: unknown };
  for (const forged of [
    without,
    { ...plan, kind: 'activate' },
    { ...plan, platformKey: { keyRef: NEW, deletionWindowDays: 7, destroyedBy: NOW } },
    { ...plan, custody: { from: 'customer', to: 'platform' } },
  ])
    expect(() => checkedPlan(forged, planDigest(forged as never))).toThrow('can show in full');
});

test('any changed fact gives another digest', () => {
  const at = '2026-01-01T00:00:00.000Z' as Instant;
  const of = (other: object) => planDigest(planOf({ ...facts, ...other } as PlanFacts, plan.dryRunId, at));
  const same = of({});
  if (facts.kind !== 'change-connection') throw new Error('another kind');
  for (const other of [
    { from: { ...facts.from, keyRef: NEW } },
    { from: { ...facts.from, digest: digest('x') } },
    { connection: { ...facts.connection, keyRef: OLD } },
    { order: { ...facts.order, digest: digest('x') } },
    { live: facts.live.slice(1) },
  ])
    expect(of(other)).not.toBe(same);
});

test('the commands that follow are for the open operation, whatever its kind', async () => {
  active();
  world.store.setOperation(world.acme, operationAt(ACME, 'setup', NOW, 'change-connection'));
  const cancelled = await desk.smsk(['cancel', ...ORG]);
  expect(cancelled).toMatchObject({
    exitCode: EXIT.ok,
    out: expect.stringContaining('change of connection cancelled'),
  });
  expect((await desk.smsk(['cancel', ...ORG])).err).toContain('smsk connection change');
});
