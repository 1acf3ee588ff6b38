import { Incident } from './support/incident';
import { type Rig, startRig } from './support/rig';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig?.stop());

test('a key that is disabled: told once, probed further and further apart, and closed with evidence once it answers', async () => {
  const incident = await Incident.of(rig, 'acme', () => rig.environment.sleep('1 s'));
  incident.key.state = 'disabled';
  await incident.refused();
  await incident.tell();
  await incident.until(({ probes }) => probes === 1);
  const probes = () => incident.record?.probes;
  expect(probes()).toBe(1);
  await rig.environment.sleep('31 s');
  await incident.until(({ probes: made }) => made === 4);
  await rig.environment.sleep('181 s');
  await incident.until(({ probes: made }) => made === 7);
  await rig.environment.sleep('30 min');
  const { lastRefused } = await incident.until(({ probes: made }) => made >= 12);
  expect(lastRefused).toMatchObject({ code: 'KEY_DISABLED', owner: 'customer' });
  // Every five minutes by then.
  expect(probes()).toBeLessThanOrEqual(14);
  incident.key.state = 'enabled';
  await rig.environment.sleep('301 s');
  expect(await incident.result()).toEqual({ closed: 1 });
  expect(incident.record).toMatchObject({
    code: 'KEY_DISABLED',
    owner: 'customer',
    closedAt: expect.any(String),
    proof: {
      versions: [1, 2],
      findings: expect.arrayContaining([expect.objectContaining({ result: 'ok' })]),
    },
  });
});
