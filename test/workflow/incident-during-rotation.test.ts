import type { ProviderCode } from '../../domain/codes';
import { waitUntil } from '../../scripts/parts/wait';
import { incidentWorkflowId, recoverySignals, startRecovery, WORKFLOW_TYPES } from '../../workflows/contract';
import { hanging } from './support/hanging';
import { type Rig, realServer, startRig } from './support/rig';
import {
  activeAtAzure,
  customerRotates,
  entriesSince,
  liveOf,
  readable,
  rotate,
  startRotating,
} from './support/rotation';
import { azureVersionOf, type Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig?.stop());

/** Active at Azure, with a newer version of the key; `before`: entries until now. */
async function active(name: string): Promise<{ story: Story; before: number }> {
  rig.fresh();
  const story = await activeAtAzure(rig, name);
  customerRotates(story);
  return { story, before: story.entries().length };
}

const turn = ({ world, name }: Story, version: number, state: 'disabled' | 'enabled') => {
  const keyRef = azureVersionOf(name, version);
  world.customer.ring.add(keyRef);
  world.customer.ring.key(keyRef).state = state;
};
const turnAll = (story: Story, state: 'disabled' | 'enabled') => {
  for (const version of [1, 2]) turn(story, version, state);
};

/** Content is refused, and the relay has a recovery begun. */
async function refused(story: Story, code: ProviderCode): Promise<void> {
  await story.world.store.incidents.refused('operation', story.id, code);
  await tell(story, 'refused');
}
const tell = ({ name }: Story, what: keyof typeof recoverySignals) =>
  rig.client.workflow.signalWithStart(WORKFLOW_TYPES.recoverCustomerKey, {
    ...startRecovery({ organization: name }),
    signal: recoverySignals[what],
  });
const recovery = ({ name }: Story) => rig.client.workflow.getHandle(incidentWorkflowId(name));
const probes = ({ world }: Story) => world.store.incidents.all.at(-1)?.probes ?? 0;
const probed = (story: Story) => waitUntil(async () => probes(story) > 0, 20_000, 10);

test('inv02 disabled while it stages: the rotation ends refused, nothing has changed, and the recovery is its own', async () => {
  const { story, before } = await active('staging');
  const live = await liveOf(story);
  const held = hanging(rig, 'mintNextVersion');
  const rotation = await startRotating(story, { newKeyVersion: true });
  await held.reached;
  turnAll(story, 'disabled');
  await refused(story, 'KEY_DISABLED');
  expect(await probed(story)).toBe(true);
  // What hangs gets its answer, which is a refusal.
  expect(await held.letGo()).toBe('KEY_DISABLED');
  expect(await rotation.result()).toMatchObject({ outcome: 'refused', reason: 'KEY_DISABLED' });
  expect(await liveOf(story)).toEqual(live);
  expect(entriesSince(story, before)).toEqual([
    'operation-opened',
    'verification-recorded',
    'rotation-launched',
    'envelope-staged',
    'envelope-staged',
    'operation-closed',
  ]);
  expect(story.world.store.incidents.open(story.id)).not.toBeNull();
  turnAll(story, 'enabled');
  await tell(story, 'answered');
  expect(await recovery(story).result()).toEqual({ closed: 1 });
  // The lock is free, and what was asked for can be asked for again.
  expect(await rotate(story, { newKeyVersion: true })).toMatchObject({ outcome: 'completed' });
  expect(await readable(story)).toEqual([1, 2, 3]);
});

test('inv02 only the old version is disabled while it stages: the newest answers, and the rotation loses nothing all the same', async () => {
  const { story } = await active('oldest');
  const live = await liveOf(story);
  const held = hanging(rig, 'rewrapVersion');
  const rotation = await startRotating(story);
  await held.reached;
  turn(story, 1, 'disabled');
  expect(await held.letGo()).toBe('KEY_DISABLED');
  expect(await rotation.result()).toMatchObject({ outcome: 'refused', reason: 'KEY_DISABLED' });
  expect(await liveOf(story)).toEqual(live);
  turn(story, 1, 'enabled');
  expect(await rotate(story)).toMatchObject({ outcome: 'completed' });
  expect(await readable(story)).toEqual([1, 2]);
});

test('an incident that opens just before the switch: the switch needs no key, and the recovery proves what is live then', async () => {
  const { story, before } = await active('before');
  const held = hanging(rig, 'switchRotation');
  const rotation = await startRotating(story, { newKeyVersion: true });
  await held.reached;
  turnAll(story, 'disabled');
  await refused(story, 'KEY_DISABLED');
  expect(await probed(story)).toBe(true);
  expect(await held.letGo()).toBe('done');
  expect(await rotation.result()).toMatchObject({ outcome: 'completed' });
  expect(story.world.store.incidents.open(story.id)).not.toBeNull();
  // The version that is said to be safe to disable is: nothing that is live needs it.
  turn(story, 2, 'enabled');
  await tell(story, 'answered');
  expect(await recovery(story).result()).toEqual({ closed: 1 });
  expect(story.world.store.incidents.all.at(-1)?.proof?.versions).toEqual([1, 2, 3]);
  expect(entriesSince(story, before)).toContain('superseded-envelopes-erased');
  turn(story, 1, 'enabled');
  expect(await readable(story)).toEqual([1, 2, 3]);
});

test('an incident that opens after the switch: the erasure goes on, and the recovery ends when the new version answers', async () => {
  const { story } = await active('after');
  const held = hanging(rig, 'eraseSuperseded');
  const rotation = await startRotating(story);
  await held.reached;
  turnAll(story, 'disabled');
  await refused(story, 'KEY_DISABLED');
  expect(await probed(story)).toBe(true);
  expect(await held.letGo()).toBe('done');
  expect(await rotation.result()).toMatchObject({ outcome: 'completed' });
  // The old version alone brings nothing back: an incident ends with what is live, and with nothing else.
  turn(story, 1, 'enabled');
  const seen = probes(story);
  await tell(story, 'answered');
  expect(await waitUntil(async () => probes(story) > seen, 20_000, 10)).toBe(true);
  expect(story.world.store.incidents.open(story.id)).not.toBeNull();
  turn(story, 2, 'enabled');
  await tell(story, 'answered');
  expect(await recovery(story).result()).toEqual({ closed: 1 });
  expect(await readable(story)).toEqual([1, 2]);
});

test('a rotation that is asked for during an incident is refused by the key, and changes nothing', async () => {
  const { story, before } = await active('meanwhile');
  turnAll(story, 'disabled');
  await refused(story, 'KEY_DISABLED');
  expect(await probed(story)).toBe(true);
  expect(await rotate(story)).toMatchObject({ outcome: 'refused', reason: 'KEY_DISABLED' });
  expect(entriesSince(story, before)).toEqual([
    'operation-opened',
    'verification-recorded',
    'operation-closed',
  ]);
  turnAll(story, 'enabled');
  await tell(story, 'answered');
  expect(await recovery(story).result()).toEqual({ closed: 1 });
});
