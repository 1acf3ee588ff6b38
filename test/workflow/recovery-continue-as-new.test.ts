import type { WorkflowSettings } from '../../activities';
import { waitUntil } from '../../scripts/parts/wait';
import { Incident } from './support/incident';
import { type Rig, realServer, startRig } from './support/rig';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());

test('a long incident is continued between two probes; what was answered is still answered the same', async () => {
  const incident = await Incident.of(rig, 'long');
  rig.instead.set('workflowSettings', async (original) => ({
    ...((await original()) as WorkflowSettings),
    historyEvents: 60,
  }));
  incident.key.state = 'disabled';
  await incident.refused();
  await incident.tell();
  const { runId: first } = await incident.handle.describe();
  const note = { note: 'called their on-call' };
  const answer = await incident.send('acknowledge', note, 'support', 'acknowledge-once');
  const isContinued = async () => {
    await incident.tell('answered');
    return (await incident.handle.describe()).runId !== first;
  };
  expect(await waitUntil(isContinued, 30_000)).toBe(true);
  // The server forgot the id when the run was continued; the workflow hasn't.
  expect(await incident.send('acknowledge', note, 'support', 'acknowledge-once')).toEqual(answer);
  const types = incident.story.entries();
  expect(types.filter((type) => type === 'incident-acknowledged')).toHaveLength(1);
  const events = incident.story.world.logged.filter(
    (line) => 'event' in line && line.event === 'security.event',
  );
  expect(events).toHaveLength(1);
  incident.key.state = 'enabled';
  await incident.tell('answered');
  expect(await incident.result()).toEqual({ closed: 1 });
}, 60_000);
