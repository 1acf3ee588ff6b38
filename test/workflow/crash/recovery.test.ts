import type { LedgerIndex } from '../../../domain/ids';
import { waitUntil } from '../../../scripts/parts/wait';
import { Incident } from '../support/incident';
import { type Rig, realServer, startRig } from '../support/rig';
import { faultsOf } from './faults';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());

/** Organizations whose recoveries go on at the same time; each has many incidents, one after the other. */
const AT_ONCE = 6;

async function active(name: string): Promise<Incident> {
  const incident = await Incident.of(rig, name, async () => undefined, rig.beside(name, {}));
  incident.story.world.notices.contacts.push({
    handoff: 1 as LedgerIndex,
    nth: 0,
    email: 'ada@acme.example',
  });
  return incident;
}

/** One incident, from its first refusal to its end: the recovery is refused once, and then answered. */
async function recovered(incident: Incident): Promise<void> {
  const { story } = incident;
  const { all } = story.world.store.incidents;
  const [before, entries] = [all.length, story.entries().length];
  const told = () =>
    story
      .bodies()
      .slice(entries)
      .map(({ type, body }) => `${type} ${String(body['kind'])}`);
  incident.key.state = 'disabled';
  await incident.refused();
  await incident.tell();
  // Who was told of its opening is told of its end, so that it doesn't end before.
  const isFelt = async () => (incident.record?.probes ?? 0) > 0 && told().length > 0;
  if (!(await waitUntil(isFelt, 60_000, 20))) throw new Error('it was never probed, or told');
  incident.key.state = 'enabled';
  // What was refused in the very millisecond of a proof may be later than it.
  await waitUntil(async () => Date.now() > Date.parse(incident.record?.lastRefusalAt ?? ''), 1_000, 2);
  await incident.tell('answered');
  const isClosed = async () => incident.record?.closedAt != null;
  if (!(await waitUntil(isClosed, 60_000, 20))) throw new Error('it was never closed');
  await incident.result();
  const { record } = incident;
  if (all.length !== before + 1 || record?.refusals !== 1) throw new Error('it became another incident');
  if (record.proof?.versions.join() !== '1,2')
    throw new Error('it was closed without a proof of all that is live');
  const expected = ['notice-delivered incident-opened', 'notice-delivered incident-closed'];
  if (told().join() !== expected.join()) throw new Error(`the ledger has ${told().join()}`);
}

/** Each fault (`faults.ts`) at a place of an undisturbed recovery's trace. @returns what went wrong, by fault */
async function disturbed(
  incidents: readonly Incident[],
  kind: 'effects' | 'calls',
  trace: readonly string[],
) {
  const faults = faultsOf(trace, kind);
  const wrong: Record<string, string> = {};
  const next = async (incident: Incident): Promise<void> => {
    const effects = incident.story.world[kind];
    for (let fault = faults.shift(); fault !== undefined; fault = faults.shift()) {
      Object.assign(effects, { fault: { ...fault, at: effects.trace.length + fault.at } });
      try {
        await recovered(incident);
      } catch (error) {
        wrong[`${fault.at} ${trace[fault.at]}: ${fault.kind}`] = String(error);
        return;
      }
    }
  };
  await Promise.all(incidents.map(next));
  for (const incident of incidents) Object.assign(incident.story.world[kind], { fault: null });
  return wrong;
}

describe('invariant 6: whatever is lost in a recovery, it is proved, closed and told once', () => {
  let incidents: readonly Incident[];
  const trace = { effects: [] as string[], calls: [] as string[] };
  beforeAll(async () => {
    incidents = await Promise.all(Array.from({ length: AT_ONCE }, (_, nth) => active(`crash-${nth}`)));
    const [first] = incidents;
    if (first === undefined) throw new Error('none');
    const { effects, calls } = first.story.world;
    const since = [effects.trace.length, calls.trace.length];
    await recovered(first);
    trace.effects.push(...effects.trace.slice(since[0]));
    trace.calls.push(...calls.trace.slice(since[1]));
  }, 120_000);

  it('the trace names what it should', () => {
    expect([...new Set(trace.effects)].sort()).toEqual([
      'mail',
      'provider.unwrap',
      'provider.verify',
      'store.closeIncident',
      'store.commit notice-delivered',
      'store.probeRefused',
      'store.recordIncidents',
    ]);
    expect([...new Set(trace.calls)].sort()).toEqual([
      'deliverNotice',
      'logSecurityEvent',
      'noticeAudience',
      'openIncident',
      'proveRecovery',
    ]);
  });

  it('each side effect: lost before; done but the answer lost; done twice', async () => {
    expect(await disturbed(incidents, 'effects', trace.effects)).toEqual({});
  }, 240_000);

  it('each call of an activity: lost before; done but the answer lost; done twice', async () => {
    expect(await disturbed(incidents, 'calls', trace.calls)).toEqual({});
  }, 240_000);
});
