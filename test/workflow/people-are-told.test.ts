import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import {
  type IncidentId,
  type Instant,
  instantOf,
  type LedgerIndex,
  type OrganizationId,
  type OrganizationName,
} from '../../domain/ids';
import type { IncidentFacts } from '../../domain/incident-facts';
import type { IncidentNotice, IncidentNoticeKind } from '../../domain/notice';
import type { Handed } from '../../domain/ports/notices';
import { approverKey, signMaintenance } from '../fakes/authority';
import { TEST_CONVERTER } from '../fakes/sealing';
import { createWorld, type World } from '../fakes/world';
import { startTimeSkipping } from '../harness/time-skipping';

const QUEUE = 'people-are-told';
const APPROVER = 'A'.repeat(43);
const NAME = 'acme' as OrganizationName;
const CONTACT = 'jo@acme.example';
const HOOK = 'https://siem.acme.example/smsk';
const LATER: Handed = { verdict: 'later', statusClass: 5 };

let environment: TestWorkflowEnvironment;
let bundle: WorkflowBundle;
let client: Client;
let world: World;
let organization: OrganizationId;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  [environment, bundle] = await Promise.all([
    startTimeSkipping(),
    bundleWorkflowCode({
      workflowsPath: require.resolve('./support/telling'),
      logger: new DefaultLogger('ERROR'),
    }),
  ]);
  client = new Client({ connection: environment.connection, dataConverter: TEST_CONVERTER });
}, 60_000);
afterAll(() => environment.teardown());

type Options = Omit<Parameters<typeof createWorld>[0], 'now'>;

async function begin(options: Options = {}): Promise<void> {
  world = createWorld({ now: () => environment.currentTimeMs(), ...options });
  const created = await world.store.createOrganization({
    ...{ name: NAME, claimant: 'run-0', actor: { kind: 'support', name: 'sam' } },
  });
  organization = created.organization;
  await world.store.giveApprover(organization, approverKey(APPROVER as never));
  world.notices.contacts.push({ handoff: 40 as LedgerIndex, nth: 0, email: CONTACT });
  world.notices.endpointAt(HOOK);
  world.notices.incidents.set('7', await incident());
}

async function incident(change: Partial<IncidentFacts> = {}): Promise<IncidentFacts> {
  const now = instantOf(await environment.currentTimeMs());
  return {
    id: '7' as IncidentId,
    organization: { id: organization, name: NAME },
    ...{ code: 'KEY_DISABLED', owner: 'customer', requestId: null, refusals: 3, probes: 0 },
    ...{ openedAt: now, lastRefusalAt: now, closedAt: null },
    entries: { opened: 50 as LedgerIndex, closed: null },
    ...change,
  };
}

/** Windows from an hour before now, for so many hours. */
async function declareWindow(hours: number): Promise<void> {
  const nowMs = await environment.currentTimeMs();
  const [from, until] = [instantOf(nowMs - 3_600_000), instantOf(nowMs + hours * 3_600_000)];
  const nonce = `${world.notices.windows.length}`.padStart(22, 'n');
  const jws = signMaintenance({
    ...{ type: 'smsk-maintenance/v1', action: 'declare', org: organization, credentialId: APPROVER },
    ...{ deployment: world.notices.deployment, nonce, from, until, reason: 'rotating' },
    exp: Math.floor(nowMs / 1000) + 60,
  } as never);
  world.notices.windows.push({
    ...{ nonce, from, until, reason: 'rotating', credentialId: APPROVER, jws, declaredAt: instantOf(nowMs) },
    ...{ cancelledAt: null, index: 45 as LedgerIndex },
  });
}

const notice = (kind: IncidentNoticeKind = 'incident-opened'): IncidentNotice => ({
  ...{ kind, organization: NAME, incident: '7' as IncidentId },
});

let runs = 0;
/** Runs `tell` to its end, with a worker of its own; `during` is done once it's begun. */
async function tell(
  kind: IncidentNoticeKind = 'incident-opened',
  during?: () => Promise<void>,
): Promise<void> {
  runs += 1;
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: QUEUE,
    workflowBundle: bundle,
    dataConverter: TEST_CONVERTER,
    activities: world.custody,
  });
  await worker.runUntil(async () => {
    const handle = await client.workflow.start('telling', {
      ...{ taskQueue: QUEUE, workflowId: `telling/${runs}`, args: [notice(kind)] },
    });
    await during?.();
    await settled(handle.workflowId);
    await handle.result();
  });
}

/** The environment's clock moves by what is slept here, and by nothing else. */
async function settled(workflowId: string): Promise<void> {
  for (let hours = 0; hours < 24 * 9; hours += 1) {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return;
    await environment.sleep('1 hour');
  }
  throw new Error('it never ended');
}

const entries = () =>
  world.store
    .rows(organization)
    .ledger.map(({ entry }) => JSON.parse(entry) as { type: string; body: Record<string, unknown> })
    .filter(({ type }) => type.startsWith('notice-'))
    .map(({ type, body }) => `${type} ${body['kind']} ${body['recipient']} ${body['statusClass']}`)
    .sort();
const ids = () => world.notices.posted.map(({ headers }) => headers['webhook-id']);

const CONTACT_TOLD = 'notice-delivered incident-opened contact/40/0 2';
const HOOK_TOLD = 'notice-delivered incident-opened endpoint/5b1c9f0e-0000-4000-8000-000000000001 2';

it('everybody is told once, with an entry each, however often it is repeated', async () => {
  await begin();
  world.notices.own.push(
    { channel: 'mail', id: 'on-call', hears: 'all', address: 'ops@novantra.example' },
    { channel: 'mail', id: 'platform', hears: 'ours', address: 'platform@novantra.example' },
  );
  await tell();
  await tell();
  expect(entries()).toEqual([CONTACT_TOLD, HOOK_TOLD, 'notice-delivered incident-opened operator/on-call 2']);
  expect(world.notices.mailed.map(({ to }) => to).sort()).toEqual([CONTACT, 'ops@novantra.example']);
  expect(world.notices.posted).toHaveLength(1);
}, 30_000);

it('ours to mend: those of us hear it who hear only that', async () => {
  await begin();
  world.notices.incidents.set('7', await incident({ owner: 'operator' }));
  world.notices.own.push({
    channel: 'mail',
    id: 'platform',
    hears: 'ours',
    address: 'platform@novantra.example',
  });
  await tell();
  expect(entries()).toContain('notice-delivered incident-opened operator/platform 2');
}, 30_000);

it('the security event is one line, the same event however often', async () => {
  await begin();
  await tell();
  const events = world.logged.filter((line) => (line as { event?: string }).event === 'security.event');
  expect(events).toMatchObject([{ ocsf: { class_uid: 2004, activity_id: 1, status_code: 'KEY_DISABLED' } }]);
}, 30_000);

it('tries again with the same id until it is taken', async () => {
  await begin();
  world.notices.answers.set(HOOK, [LATER, { verdict: 'later', statusClass: null }, LATER]);
  await tell();
  expect(ids()).toHaveLength(4);
  expect(new Set(ids()).size).toBe(1);
  expect(entries()).toContain(HOOK_TOLD);
}, 30_000);

it('gives up after a day, and that is on record; nobody else waits for it', async () => {
  await begin();
  world.notices.answers.set(
    HOOK,
    Array.from({ length: 100 }, () => LATER),
  );
  const beganMs = await environment.currentTimeMs();
  await tell();
  expect(entries()).toEqual([
    CONTACT_TOLD,
    'notice-failed incident-opened endpoint/5b1c9f0e-0000-4000-8000-000000000001 null',
  ]);
  expect(ids()).toHaveLength(22);
  expect((await environment.currentTimeMs()) - beganMs).toBeGreaterThan(24 * 3_600_000);
}, 60_000);

it('who doesn’t want it isn’t asked twice', async () => {
  await begin();
  world.notices.answers.set(HOOK, [{ verdict: 'refused', statusClass: 4 }]);
  await tell();
  await tell();
  expect(ids()).toHaveLength(1);
  expect(entries()).toEqual([
    CONTACT_TOLD,
    'notice-failed incident-opened endpoint/5b1c9f0e-0000-4000-8000-000000000001 4',
  ]);
}, 30_000);

it.each([
  ['lost-before', 1],
  ['answer-lost', 1],
] as const)(
  'sent and not recorded (%s): sent once more, under the same id, and recorded once',
  async (kind, times) => {
    await begin();
    world.notices.contacts.length = 0;
    await tell();
    // Where in the trace the entry is written, of the same story undisturbed.
    const at = world.effects.trace.indexOf('store.commit notice-delivered');
    await begin({ fault: { at, kind } });
    world.notices.contacts.length = 0;
    await tell();
    expect(ids()).toHaveLength(kind === 'answer-lost' ? times : times + 1);
    expect(new Set(ids()).size).toBe(1);
    expect(entries()).toEqual([HOOK_TOLD]);
  },
  60_000,
);

it('the end is told to those who were told of the beginning', async () => {
  await begin();
  world.notices.answers.set(HOOK, [{ verdict: 'refused', statusClass: 4 }]);
  await tell();
  const now = instantOf(await environment.currentTimeMs());
  world.notices.incidents.set('7', await incident({ closedAt: now }));
  await tell('incident-closed');
  expect(entries().filter((entry) => entry.includes('incident-closed'))).toEqual([
    'notice-delivered incident-closed contact/40/0 2',
  ]);
  expect(world.notices.mailed.at(-1)?.text).toContain('answers again');
}, 30_000);

describe('a maintenance window', () => {
  it('pages nobody before it ends, and then, if it isn’t over; webhooks keep record meanwhile', async () => {
    await begin();
    await declareWindow(30);
    const began = await environment.currentTimeMs();
    await tell();
    expect(entries()).toEqual([CONTACT_TOLD, HOOK_TOLD]);
    const [posted] = world.notices.posted;
    expect(JSON.parse(posted?.body ?? '')).toMatchObject({
      data: { expected: true, ocsf: { status: 'Suppressed', is_alert: false } },
    });
    expect((await environment.currentTimeMs()) - began).toBeGreaterThanOrEqual(30 * 3_600_000);
    expect(world.notices.mailed.map(({ text }) => /Expected: (\w+)/.exec(text)?.[1])).toEqual(['yes']);
  }, 60_000);

  it('ends quietly where the incident has ended before', async () => {
    await begin();
    await declareWindow(5);
    await tell('incident-opened', async () => {
      await environment.sleep('2 hours');
      const [facts] = world.notices.incidents.values();
      const closedAt = instantOf(await environment.currentTimeMs());
      world.notices.incidents.set('7', { ...(facts as IncidentFacts), closedAt });
    });
    expect(entries()).toEqual([HOOK_TOLD]);
    expect(world.notices.mailed).toEqual([]);
  }, 30_000);

  it('pages within the hour once it is cancelled', async () => {
    await begin();
    await declareWindow(100);
    const began = await environment.currentTimeMs();
    await tell('incident-opened', async () => {
      await environment.sleep('30 minutes');
      const [window] = world.notices.windows.splice(0);
      if (window !== undefined) world.notices.windows.push({ ...window, cancelledAt: window.from });
    });
    expect(entries()).toEqual([CONTACT_TOLD, HOOK_TOLD]);
    expect((await environment.currentTimeMs()) - began).toBeLessThan(3 * 3_600_000);
  }, 30_000);

  it('that nobody enrolled signed, or whose key was removed, keeps nobody from being paged', async () => {
    await begin();
    await declareWindow(30);
    const [window] = world.notices.windows.splice(0);
    if (window !== undefined)
      world.notices.windows.push({ ...window, jws: `${window.jws.slice(0, -4)}AAAA` });
    await tell();
    expect(entries()).toContain(CONTACT_TOLD);
  }, 30_000);

  it('that begins later than the incident keeps nobody from being paged', async () => {
    await begin();
    await declareWindow(30);
    const earlier = instantOf((await environment.currentTimeMs()) - 7_200_000) as Instant;
    world.notices.incidents.set('7', await incident({ openedAt: earlier }));
    await tell();
    expect(entries()).toContain(CONTACT_TOLD);
    expect(world.notices.mailed[0]?.text).toContain('Expected: no');
  }, 30_000);
});
