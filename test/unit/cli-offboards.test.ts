import { EXIT } from '../../cli/exit-codes';
import { checkedPlan } from '../../cli/plan-shape';
import { connectionDigest } from '../../domain/connection';
import type { ConnectionId, KeyRef } from '../../domain/ids';
import { planDigest } from '../../domain/plan';
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
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11' as KeyRef;
const asAdmin = { as: 'customer-admin' } as const;
const asApprover = { as: 'approver' } as const;

/** In customer custody, under a key of AWS. */
function active(): void {
  const { organization } = world.acme;
  const { externalId } = organization;
  const credential = { kind: 'aws-role', roleArn: 'arn:aws:iam::111122223333:role/novantra' } as const;
  const input = { provider: 'aws-kms', region: 'eu-central-1', key: KEY, credential } as const;
  const id = '6f1c1d2e-0000-4000-8000-000000000004' as ConnectionId;
  const digest = connectionDigest(ACME, externalId, input);
  const connection = { id, organization: ACME, externalId, input, digest, pinnedKeyRef: KEY };
  const custody = { custody: 'customer', sealing: false, currentVersion: 2 } as never;
  world.acme.status = { ...world.acme.status, custody, connection };
}

/** Up to a reviewed plan, with ada's key enrolled. */
async function reviewed(): Promise<string> {
  active();
  const key = desk.file('ada.pem');
  const { json } = await desk.smsk(['approver', 'keygen', '--out', key, '--json']);
  const order = await world.order({ approver: { thumbprint: json.credentialId, role: 'customer-admin' } });
  const steps: [string[], Parameters<Desk['smsk']>[1]?][] = [
    [['order', 'submit', ...ORG], { as: 'commerce', stdin: Buffer.from(`${order}\n`) }],
    [['approver', 'enrol', ...ORG, '--key', `${key}.pub.json`], asAdmin],
    [['offboard', 'start', ...ORG]],
    [['dry-run', ...ORG]],
    [['review', ...ORG]],
  ];
  for (const [line, sitting] of steps) {
    const said = await desk.smsk(line, sitting);
    expect([line, said.err, said.exitCode]).toEqual([line, '', 0]);
  }
  return key;
}

const approve = (...more: string[]) => desk.smsk(['offboard', 'approve', ...ORG, ...more], asApprover);
const shownPlan = () => {
  const { dryRun } = world.acme;
  if (dryRun?.plan == null || dryRun.planDigest === null) throw new Error('no plan');
  return { plan: dryRun.plan, sha256: dryRun.planDigest };
};

test('it is walked from start to handoff, and each step says who is awaited next', async () => {
  const key = await reviewed();
  expect(world.workflows.sent[0]).toMatchObject({
    action: 'startOffboarding',
    message: { organization: 'acme', actor: expect.any(String) },
  });
  const signed = await desk.smsk(['approve', ...ORG, '--key', key, '--yes'], asAdmin);
  expect([signed.exitCode, signed.err]).toEqual([EXIT.ok, expect.stringContaining('Plan to offboard acme')]);
  expect(signed.out).toMatch(
    /^acme: plan approved\n {2}now {8}offboarding at stage approval\n {2}awaited {4}approver, since/,
  );
  const { sha256 } = shownPlan();
  expect((await desk.smsk(['status', ...ORG])).out).toContain(
    `${sha256} (approved by the customer, not yet for the operator)`,
  );

  const approved = await approve('--digest', sha256);
  expect([approved.exitCode, approved.err]).toEqual([EXIT.ok, expect.stringContaining('Plan to offboard')]);
  expect(approved.out).toMatch(
    /^acme: plan approved for the operator\n {2}now {8}offboarding at stage live\n {2}awaited {4}support, since/,
  );
  const both = `approved by the customer, and for the operator by approver-1, ${NOW}`;
  const status = await desk.smsk(['status', ...ORG, '--json']);
  expect(status.json).toMatchObject({
    stage: 'live',
    plan: { approved: true, operatorApproved: { by: 'approver-1', at: NOW } },
  });
  for (const line of [['status'], ['plan', 'show']])
    expect((await desk.smsk([...line, ...ORG])).out).toContain(both);

  const live = await desk.smsk(['live', ...ORG]);
  expect([live.exitCode, live.out]).toEqual([0, expect.stringContaining('acme: live offboarding\n')]);
  const contact = ['--contact', 'escalation:Jo Doe <jo@acme.example>'];
  const handoff = await desk.smsk(['handoff', ...ORG, ...contact]);
  expect(handoff.out).toContain('now        offboarded: a new key of the operator’s holds\n');
});

test('its plan says what becomes of the data, and when the key is safe to disable', async () => {
  await reviewed();
  const { plan, sha256 } = shownPlan();
  const { out } = await desk.smsk(['plan', 'show', ...ORG], asAdmin);
  const [{ envelopeSha256, checkValue } = {}] = plan.rewrap;
  for (const words of [
    sha256,
    'customer → platform',
    'a new one of the operator’s, made when the plan is carried out',
    'support support-1, who approves nothing of it',
    'of both: the customer’s, then the operator’s',
    KEY,
    String(envelopeSha256),
    String(checkValue),
    'no version is made new',
    'yours no longer decides who can read it',
    'only once `smsk keys` says that it’s safe; to be deleted, once no backup needs it',
  ])
    expect(out).toContain(words);
  expect(out).not.toContain('order ');
});

test('a plan that isn’t an offboarding’s whole isn’t shown', async () => {
  await reviewed();
  const { plan, sha256 } = shownPlan();
  expect(checkedPlan(plan, sha256)).toMatchObject({ plan, digest: sha256 });
  for (const forged of [
    { ...plan, kind: 'change-connection' },
    { ...plan, mint: 3 },
    { ...plan, platformKey: KEY },
    { ...plan, approvals: ['customer'] },
    { ...plan, custody: { from: 'customer', to: 'customer' } },
  ])
    expect(() => checkedPlan(forged, planDigest(forged as never))).toThrow('can show in full');
});

test('it is approved for the operator only by whoever has read it, may, and comes after the customer', async () => {
  const key = await reviewed();
  const sentBefore = world.workflows.sent.length;
  expect(await approve()).toMatchObject({ exitCode: EXIT.usage, err: expect.stringContaining('nobody is') });
  expect((await approve('--digest', 'b'.repeat(64))).err).toContain('not the one you gave');
  const bySupport = await desk.smsk(['offboard', 'approve', ...ORG, '--yes']);
  expect([bySupport.exitCode, bySupport.err]).toEqual([EXIT.refused, expect.stringContaining('FORBIDDEN')]);
  expect(world.workflows.sent).toHaveLength(sentBefore);
  const early = await approve('--yes');
  expect([early.exitCode, early.err]).toEqual([EXIT.refused, expect.stringContaining('APPROVAL_MISSING')]);
  const { out } = await desk.smsk(['status', ...ORG], asApprover);
  expect(out).toMatch(/- {2}approveOffboarding +the customer hasn’t signed the plan yet/);
  await desk.smsk(['approve', ...ORG, '--key', key, '--yes'], asAdmin);
  expect((await desk.smsk(['status', ...ORG], asApprover)).out).toContain('smsk offboard approve\n');
});

test('rejected or cancelled, the customer’s key holds as before', async () => {
  const key = await reviewed();
  const rejected = await desk.smsk(['reject', ...ORG, '--key', key, '--yes'], asAdmin);
  expect(rejected.out).toContain('now        active: the customer’s key holds\n');
  await desk.smsk(['offboard', 'start', ...ORG]);
  const cancelled = await desk.smsk(['cancel', ...ORG]);
  expect(cancelled.out).toMatch(/acme: offboarding cancelled\n {2}now {8}active: the customer’s key holds\n/);
  expect((await desk.smsk(['cancel', ...ORG])).err).toContain('smsk offboard start --org acme');
});

test('where the key refuses it ends as it begins, and says why', async () => {
  active();
  world.workflows.endingAtStart = 'KEY_DISABLED';
  const said = await desk.smsk(['offboard', 'start', ...ORG]);
  expect([said.exitCode, said.out]).toEqual([
    EXIT.refused,
    expect.stringMatching(/^acme: offboarding refused\n {2}because {4}KEY_DISABLED: /),
  ]);
  expect(said.out).toContain('now        active: the customer’s key holds\n');
});

test('the status offers it where it can be started, and says why it can’t', async () => {
  const offered = async () =>
    (await desk.smsk(['status', ...ORG])).out.match(/^ +(?:can|-) +startOffboarding +(.*)$/m)?.[1];
  expect(await offered()).toBe(
    'the organization isn’t in customer custody, or its activation isn’t through yet',
  );
  active();
  expect(await offered()).toBe('smsk offboard start');
  world.store.setOperation(world.acme, operationAt(ACME, 'live', NOW, 'offboard'));
  expect(await offered()).toBe('an operation is open (offboard)');
});

test('another operation isn’t approved for the operator', async () => {
  active();
  world.store.setOperation(world.acme, operationAt(ACME, 'approval', NOW, 'change-connection'));
  expect(await approve('--yes')).toMatchObject({
    exitCode: EXIT.refused,
    err: expect.stringContaining('an open change of connection'),
  });
});
