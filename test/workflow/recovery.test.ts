import { randomUUID } from 'node:crypto';
import type { LedgerIndex } from '../../domain/ids';
import { waitUntil } from '../../scripts/parts/wait';
import { incidentWorkflowId, recoverySignals, startRecovery, WORKFLOW_TYPES } from '../../workflows/contract';
import { Incident } from './support/incident';
import { type Rig, realServer, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig?.stop());

const incidentOf = (name: string): Promise<Incident> => Incident.of(rig, name);

test('people are told where it’s felt, once of its beginning and once of its end; a receiver that is away holds up nothing', async () => {
  const incident = await incidentOf('kilo');
  const { notices, logged } = incident.story.world;
  notices.contacts.push({ handoff: 1 as LedgerIndex, nth: 0, email: 'ada@acme.example' });
  notices.own.push({ id: 'desk', hears: 'all', channel: 'mail', address: 'desk@novantra.example' });
  const later = { verdict: 'later', statusClass: null } as const;
  notices.answers.set('desk@novantra.example', Array(50).fill(later));
  incident.key.state = 'disabled';
  // One probe that stumbled isn't felt by anybody.
  await incident.story.world.store.probeRefused(incident.story.id, 'KEY_DISABLED', null);
  rig.instead.set('proveRecovery', async (original) => {
    expect(notices.mailed).toEqual([]);
    rig.instead.delete('proveRecovery');
    return original();
  });
  await incident.tell();
  await incident.until(({ probes }) => probes === 1);
  const to = (address: string) => notices.mailed.filter((mail) => mail.to === address);
  expect(await waitUntil(async () => to('ada@acme.example').length === 1, 10_000)).toBe(true);
  incident.key.state = 'enabled';
  await incident.tell('answered');
  expect(await incident.result()).toEqual({ closed: 1 });
  expect(to('ada@acme.example')).toHaveLength(2);
  const events = logged.filter((line) => 'event' in line && line.event === 'security.event');
  expect(events).toHaveLength(2);
  const told = incident.story.bodies().filter(({ type }) => type === 'notice-delivered');
  expect(told.map(({ body }) => body['kind'])).toEqual(['incident-opened', 'incident-closed']);
});

test('an operation that was answered, and anybody’s probeNow, have it look at once', async () => {
  const incident = await incidentOf('bravo');
  incident.key.state = 'disabled';
  await incident.refused();
  await incident.tell();
  await incident.until(({ nextProbeAt }) => nextProbeAt !== null);
  await incident.send('probeNow', {}, null);
  await incident.until(({ probes, nextProbeAt }) => probes === 2 && nextProbeAt !== null);
  incident.key.state = 'enabled';
  await incident.tell('answered');
  expect(await incident.result()).toEqual({ closed: 1 });
});

test('inv06 what is refused while it is proved keeps it open', async () => {
  const incident = await incidentOf('charlie');
  await incident.refused();
  let isFirst = true;
  rig.instead.set('proveRecovery', async (original) => {
    if (!isFirst) return original();
    isFirst = false;
    const closing = incident.story.world.store.incidents.close.bind(incident.story.world.store.incidents);
    incident.story.world.store.incidents.close = async (...args) => {
      incident.story.world.store.incidents.close = closing;
      await incident.refused('UNWRAP_DENIED');
      return closing(...args);
    };
    return original();
  });
  await incident.tell();
  await incident.until(({ probes }) => probes === 1);
  expect(incident.record).toMatchObject({ closedAt: null, refusals: 2 });
  expect(await incident.result()).toEqual({ closed: 1 });
});

test('a refusal that comes as it closes begins another one: nothing is left open without a run', async () => {
  const incident = await incidentOf('delta');
  await incident.refused();
  rig.instead.set('proveRecovery', async (original) => {
    rig.instead.delete('proveRecovery');
    const closed = await original();
    await incident.refused('UNWRAP_DENIED');
    await incident.tell();
    return closed;
  });
  await incident.tell();
  expect(await incident.result()).toEqual({ closed: 2 });
  expect(incident.story.world.store.incidents.open(incident.story.id)).toBeNull();
});

test('inv02 another key that answers, or one version that can’t be opened, closes nothing', async () => {
  const incident = await incidentOf('echo');
  const { envelopes } = incident.story.world.store.rows(incident.story.id);
  const [live] = envelopes.filter(({ record, erased }) => record.custody === 'customer' && !erased);
  if (live === undefined) throw new Error('none is live');
  const { wrapped } = live.record;
  Object.assign(live.record, { wrapped: Uint8Array.from(wrapped, (byte) => byte ^ 1) });
  await incident.refused();
  await incident.tell();
  const { lastRefused } = await incident.until(({ probes }) => probes === 1);
  expect(lastRefused).toMatchObject({ code: 'STATEMENT_INVALID', owner: 'operator' });
  Object.assign(live.record, { wrapped });
  await incident.send('probeNow');
  expect(await incident.result()).toEqual({ closed: 1 });
});

test('a wrap that is denied keeps no incident open: reads and writes work', async () => {
  const incident = await incidentOf('foxtrot');
  incident.story.world.customer.refuses = { wrap: 'WRAP_DENIED' };
  await incident.refused();
  await incident.tell();
  expect(await incident.result()).toEqual({ closed: 1 });
  expect(incident.record?.proof?.findings).toContainEqual(
    expect.objectContaining({ check: 'wrap', code: 'WRAP_DENIED' }),
  );
});

test('inv01 platform custody is probed by the process that can use its key', async () => {
  rig.fresh();
  const story = await Story.begin(rig, 'golf');
  await story.world.store.incidents.refused('operation', story.id, 'DEADLINE_EXCEEDED');
  await rig.client.workflow.signalWithStart(WORKFLOW_TYPES.recoverCustomerKey, {
    ...startRecovery({ organization: story.name }),
    signal: recoverySignals.refused,
  });
  await rig.client.workflow.getHandle(incidentWorkflowId('golf')).result();
  expect(story.world.store.incidents.all).toMatchObject([{ proof: { versions: [1], findings: [] } }]);
});

test('who takes it on, and what is known of it, is in the ledger, once; who may not is refused, on record', async () => {
  const incident = await incidentOf('hotel');
  incident.key.state = 'disabled';
  await incident.refused();
  await incident.tell();
  await incident.until(({ nextProbeAt }) => nextProbeAt !== null);
  const note = { note: 'called their on-call' };
  const id = randomUUID();
  await incident.send('acknowledge', note, 'support', id);
  await incident.send('acknowledge', note, 'support', id);
  await incident.send('annotate', { note: 'they switch it on at noon' }, 'customer-admin');
  expect((await refusalOf(incident.send('annotate', { note: 'nobody says so' }, null))).code).toBe(
    'FORBIDDEN',
  );
  expect((await refusalOf(incident.send('annotate', {}))).code).toBe('INPUT_INVALID');
  const said = incident.story.bodies().filter(({ type }) => type.startsWith('incident-'));
  expect(said).toMatchObject([
    { type: 'incident-acknowledged', actor: { kind: 'support' }, body: { incident: '1', ...note } },
    { type: 'incident-annotated', actor: { kind: 'customer-admin' } },
  ]);
  expect(incident.story.refusals()).toContain('actor: FORBIDDEN');
  incident.key.state = 'enabled';
  await incident.send('probeNow');
  await incident.result();
});

test('with nothing open, unknown, or under another id it ends at once and says so', async () => {
  const incident = await incidentOf('india');
  await incident.tell();
  expect(await incident.result()).toEqual({ closed: 0 });
  const start = (organization: string, workflowId: string) =>
    refusalOf(
      rig.client.workflow.execute(WORKFLOW_TYPES.recoverCustomerKey, {
        ...startRecovery({ organization }),
        workflowId,
      }),
    );
  expect((await start('india', 'incident/other')).code).toBe('WORKFLOW_ID_FOREIGN');
  expect((await start('nobody', 'incident/nobody')).code).toBe('ORGANIZATION_UNKNOWN');
});
