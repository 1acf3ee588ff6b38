import { Offboarding } from '../support/offboarding';
import { type Rig, startRig } from '../support/rig';
import { Story } from '../support/story';
import { nothingLostMatters } from './disturbed';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

/** Where the offboarding begins in the traces of its story. */
const since = { fault: 0, callFault: 0 };

/** An active organization that goes back to a platform key, as both sides approved it. */
async function offboarded(name: string, options: Parameters<Rig['beside']>[1]): Promise<Story> {
  const world = rig.beside(name, options);
  const story = await Story.begin(rig, name, { world });
  await story.complete();
  Object.assign(since, { fault: world.effects.trace.length, callFault: world.calls.trace.length });
  const offboarding = new Offboarding(story);
  const { outcome } = await offboarding.complete();
  if (outcome !== 'completed') throw new Error(`it was ${outcome}`);
  const versions = await offboarding.readable();
  if (versions.join() !== '1,2') throw new Error(`only ${versions.join()} can be read`);
  return story;
}

describe('invariant 2: whatever is lost in an offboarding, its end and its ledger are those of an undisturbed one', () => {
  let undisturbed: Story;
  beforeAll(async () => {
    undisturbed = await offboarded('crash-not', {});
  }, 30_000);

  it('the trace names what it should', () => {
    const trace = undisturbed.world.effects.trace.slice(since.fault);
    expect([...new Set(trace)].sort()).toEqual([
      'control.create',
      'platform.unwrap',
      'platform.wrap',
      'provider.unwrap',
      'provider.verify',
      'store.claim',
      'store.commit approval-accepted',
      'store.commit custody-switched',
      'store.commit dry-run-recorded',
      'store.commit dry-run-reviewed',
      'store.commit envelope-staged',
      'store.commit handoff-recorded',
      'store.commit live-launched',
      'store.commit operator-approved',
      'store.commit platform-key-created',
      'store.commit superseded-envelopes-erased',
      'store.commit verification-recorded',
    ]);
    expect(undisturbed.world.calls.trace.length - since.callFault).toBeGreaterThan(14);
  });

  nothingLostMatters(() => undisturbed, offboarded, since);
});
