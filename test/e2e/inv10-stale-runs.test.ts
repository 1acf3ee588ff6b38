import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { ChangeType } from '../../domain/change';
import { Refusal } from '../../domain/failure';
import { waitUntil } from '../../scripts/parts/wait';
import { activationId, WORKFLOW_TYPES } from '../../workflows/contract';
import { Arrangement } from './deployment/arrangement';
import { type Deployment, openDeployment } from './deployment/deployment';
import { verdictOf } from './deployment/evidence';
import { Gate } from './deployment/gate';
import { openNamespace } from './deployment/namespace';
import { codeOf, resetToStart } from './deployment/runs';
import { asSuperuser } from './deployment/sql';
import { UNDISTURBED } from './deployment/undisturbed';
import { QUICK, startWorkers } from './deployment/workers';

/**
 * Terminate, reset, a hand-typed id, a second Temporal: all of them get past a workflow id, none past the epoch.
 * A gate stops one activity after its key service has answered and before it commits, where neither a deadline nor
 * a cancellation reaches it.
 */
let deployment: Deployment;
const gates: { staging: Gate | null; disabling: Gate | null } = { staging: null, disabling: null };
/** The next one comes through without stopping. */
const stopAt = async (which: keyof typeof gates): Promise<void> => {
  const gate = gates[which];
  gates[which] = null;
  await gate?.pass();
};
beforeAll(async () => {
  deployment = await openDeployment();
  await startWorkers(deployment, {
    settings: QUICK,
    platform: (deps) => ({
      ...deps,
      store: {
        ...deps.store,
        commit: async (request) => {
          const what = request.change.type;
          try {
            const committed = await deps.store.commit(request);
            commits.push(`${what}: ${committed.replayed ? 'was there' : 'written'}`);
            return committed;
          } catch (error) {
            commits.push(`${what}: ${error instanceof Refusal ? error.code : 'failed'}`);
            throw error;
          }
        },
      },
      provider: {
        ...deps.provider,
        unwrap: async (...call) => {
          const answer = await deps.provider.unwrap(...call);
          await stopAt('staging');
          return answer;
        },
      },
      control: {
        ...deps.control,
        disable: async (...call) => {
          await deps.control.disable(...call);
          await stopAt('disabling');
        },
      },
    }),
  });
});
afterAll(() => deployment?.close());

/** What became of every commit of the platform process. */
const commits: string[] = [];
const isTold = (commit: string) => waitUntil(() => commits.includes(commit), 20_000);
const closeGate = (which: keyof typeof gates): Gate => {
  const gate = new Gate();
  gates[which] = gate;
  return gate;
};
/** Everything that must hold at the end, however it came about: one switch, one envelope of each version. */
async function endedWell(each: Arrangement): Promise<void> {
  const { store, database } = deployment;
  const { id } = each.organization;
  const types = await each.entryTypes();
  const entries = await each.entries();
  const switches = entries.filter(
    ({ type, body }) => type === 'custody-switched' && body['custody'] === 'customer',
  );
  expect(switches).toHaveLength(1);
  for (const once of ['platform-key-disabled', 'platform-sealed', 'live-entered', 'handoff-recorded']) {
    expect(types.filter((type) => type === once)).toHaveLength(1);
  }
  expect((await store.liveEnvelopes(id)).map(({ version }) => version)).toEqual([1, 2]);
  const rows = await asSuperuser(database.ownerUrl, (query) =>
    query(
      `SELECT (SELECT count(*)::int FROM envelope WHERE organization_id = $1) AS envelopes,
         (SELECT count(*)::int FROM operation WHERE organization_id = $1 AND holds_lock) AS locks`,
      [id],
    ),
  );
  expect(rows).toEqual([{ envelopes: 3, locks: 0 }]);
  expect(await store.auditRows()).toEqual([]);
  expect((await verdictOf(each)).verdict).toBe('verified');
}

const withClaimAfter = (type: ChangeType): string[] => {
  const at = UNDISTURBED.lastIndexOf(type) + 1;
  return [...UNDISTURBED.slice(0, at), 'operation-claimed', ...UNDISTURBED.slice(at)];
};

test('terminated while staging: the old run’s late commit is refused, the next run finishes', async () => {
  const acme = await Arrangement.create(deployment, 'late-stage');
  await acme.reach('live');
  const first = closeGate('staging');
  await acme.launch();
  await first.arrival;
  await acme.handle.terminate('by a test');
  const second = closeGate('staging');
  await acme.start();
  await second.arrival;
  const before = await acme.entryTypes();
  expect(before.at(-1)).toBe('operation-claimed');
  first.open();
  expect(await isTold('envelope-staged: OPERATION_STALE')).toBe(true);
  expect(await acme.entryTypes()).toEqual(before);
  second.open();
  await acme.untilAt('handoff');
  await acme.reach('closed');
  expect(await acme.entryTypes()).toEqual(withClaimAfter('live-launched'));
  await endedWell(acme);
});

test('terminated while staging, and the old activity commits before the next run’s claim: it counts once', async () => {
  const acme = await Arrangement.create(deployment, 'early-stage');
  await acme.reach('live');
  const gate = closeGate('staging');
  await acme.launch();
  await gate.arrival;
  await acme.handle.terminate('by a test');
  gate.open();
  const isStaged = async () =>
    (await acme.entryTypes()).filter((type) => type === 'envelope-staged').length === 2;
  expect(await waitUntil(isStaged, 20_000)).toBe(true);
  await acme.start();
  await acme.untilAt('handoff');
  await acme.reach('closed');
  const types = await acme.entryTypes();
  expect(types.filter((type) => type !== 'operation-claimed')).toEqual(UNDISTURBED);
  await endedWell(acme);
});

test('terminated right after the switch: the next run seals, and the old one’s late commit finds its step done', async () => {
  const acme = await Arrangement.create(deployment, 'late-seal');
  await acme.reach('live');
  const gate = closeGate('disabling');
  await acme.launch();
  await gate.arrival;
  await acme.handle.terminate('by a test');
  await acme.start();
  await acme.untilAt('handoff');
  await acme.reach('closed');
  const before = await acme.entryTypes();
  expect(before).toEqual(withClaimAfter('custody-switched'));
  gate.open();
  expect(await isTold('platform-key-disabled: was there')).toBe(true);
  expect(await acme.entryTypes()).toEqual(before);
  await endedWell(acme);
});

test('reset at a wait: the new run claims the next epoch, reads where it stands, and finishes', async () => {
  const acme = await Arrangement.create(deployment, 'reset-open');
  await acme.reach('live');
  await resetToStart(deployment, acme, { reapply: false });
  await acme.untilAt('live');
  await acme.reach('closed');
  const types = await acme.entryTypes();
  expect(types).toEqual(withClaimAfter('approval-accepted'));
  const [opened, claimed] = (await acme.entries())
    .filter(({ type }) => /^operation-(opened|claimed)$/.test(type))
    .slice(1);
  expect(claimed?.epoch).toBe((opened?.epoch ?? 0) + 1);
  await endedWell(acme);
});

test('reset with every message sent again: the store knows each, so none is carried out twice', async () => {
  const acme = await Arrangement.create(deployment, 'reset-again');
  await acme.reach('live');
  const { planDigest } = await acme.plan();
  await resetToStart(deployment, acme, { reapply: true });
  await acme.untilAt('live');
  await acme.reach('closed');
  expect((await acme.plan()).planDigest).toBe(planDigest);
  const made = (await acme.entryTypes()).filter((type) => !['operation-claimed', 'refusal'].includes(type));
  expect(made).toEqual(UNDISTURBED);
  await endedWell(acme);
});

test('reset after the end: refused, because custody is the customer’s', async () => {
  const acme = await Arrangement.create(deployment, 'reset-closed');
  await acme.reach('closed');
  const before = await acme.entryTypes();
  await resetToStart(deployment, acme, { reapply: false });
  await expect(acme.handle.result().catch(codeOf)).resolves.toBe('ALREADY_ACTIVE');
  expect(await acme.entryTypes()).toEqual(before);
  await endedWell(acme);
});

test('a workflow under another id than its own fails at its first line', async () => {
  const acme = await Arrangement.create(deployment, 'foreign-id');
  const { client } = deployment;
  const before = await acme.entryTypes();
  const options = await acme.startOptions();
  for (const workflowId of [randomUUID(), activationId('another'), 'activation/foreign-id/2']) {
    const run = client.workflow.execute(WORKFLOW_TYPES.activateCustomerKey, { ...options, workflowId });
    await expect(run.catch(codeOf)).resolves.toBe('WORKFLOW_ID_FOREIGN');
  }
  expect(await acme.entryTypes()).toEqual(before);
});

test('two starts at once: one runs', async () => {
  const acme = await Arrangement.create(deployment, 'twice');
  await acme.order();
  await acme.enrol();
  const started = await Promise.allSettled([acme.start(), acme.start(), acme.start()]);
  const refused = started.filter((each) => each.status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(WorkflowExecutionAlreadyStartedError);
  await acme.reach('setup');
  expect((await acme.entryTypes()).filter((type) => type === 'operation-opened')).toHaveLength(2);
});

test('two runs alive at once, each with its own workers and Temporal: the stale one can do nothing', async () => {
  const acme = await Arrangement.create(deployment, 'two-worlds');
  await acme.reach('live');
  const { planDigest } = await acme.plan();
  const second = await openNamespace();
  deployment.running.unshift(second.close);
  await startWorkers(deployment, { settings: QUICK, namespace: second });
  const elsewhere = acme.within(second);
  await elsewhere.start();
  await elsewhere.untilAt('live');
  // Both carry the approved plan; the first one's epoch is past.
  const launches = await Promise.all(
    [acme, elsewhere].map((each) => each.send('launchLive', { planDigest }).then(() => 'launched', codeOf)),
  );
  expect(launches).toEqual(['OPERATION_STALE', 'launched']);
  await expect(acme.handle.result().catch(codeOf)).resolves.toBe('OPERATION_STALE');
  await elsewhere.untilAt('handoff');
  await elsewhere.reach('closed');
  await endedWell(elsewhere);
});
