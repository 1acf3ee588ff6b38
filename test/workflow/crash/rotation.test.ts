import { type Rig, startRig } from '../support/rig';
import { activeAtAzure, customerRotates, readable, rotate } from '../support/rotation';
import type { Story } from '../support/story';
import { nothingLostMatters } from './disturbed';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

/** Where the rotation begins in the traces of its story. */
const since = { fault: 0, callFault: 0 };

/** An active organization, whose customer has a new version of the key; every live envelope is wrapped anew, and one minted. */
async function rotated(name: string, options: Parameters<Rig['beside']>[1]): Promise<Story> {
  const world = rig.beside(name, options);
  const story = await activeAtAzure(rig, name, world);
  Object.assign(since, { fault: world.effects.trace.length, callFault: world.calls.trace.length });
  customerRotates(story);
  const { outcome } = await rotate(story, { newKeyVersion: true });
  if (outcome !== 'completed') throw new Error(`it was ${outcome}`);
  const versions = await readable(story);
  if (versions.join() !== '1,2,3') throw new Error(`only ${versions.join()} can be read`);
  return story;
}

describe('invariant 2: whatever is lost in a rotation, its end and its ledger are those of an undisturbed one', () => {
  let undisturbed: Story;
  beforeAll(async () => {
    undisturbed = await rotated('crash-not', {});
  }, 30_000);

  it('the trace names what it should', () => {
    const trace = undisturbed.world.effects.trace.slice(since.fault);
    expect([...new Set(trace)].sort()).toEqual([
      'provider.unwrap',
      'provider.verify',
      'provider.wrap',
      'store.claim',
      'store.commit custody-switched',
      'store.commit envelope-staged',
      'store.commit rotation-launched',
      'store.commit superseded-envelopes-erased',
      'store.commit verification-recorded',
    ]);
    expect(undisturbed.world.calls.trace.slice(since.callFault)).toHaveLength(9);
  });

  nothingLostMatters(() => undisturbed, rotated, since);
});
