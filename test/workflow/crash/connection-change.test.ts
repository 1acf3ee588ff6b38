import { activeAt } from '../support/connection-change';
import { type Rig, startRig } from '../support/rig';
import { readable } from '../support/rotation';
import type { Story } from '../support/story';
import { nothingLostMatters } from './disturbed';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

/** Where the change begins in the traces of its story. */
const since = { fault: 0, callFault: 0 };

/** An active organization that goes from its key in AWS KMS to one in Azure Key Vault. */
async function changed(name: string, options: Parameters<Rig['beside']>[1]): Promise<Story> {
  const world = rig.beside(name, options);
  const { change } = await activeAt(rig, 'aws-kms', name, world);
  Object.assign(since, { fault: world.effects.trace.length, callFault: world.calls.trace.length });
  const { outcome } = await change.complete();
  if (outcome !== 'completed') throw new Error(`it was ${outcome}`);
  const versions = await readable(change);
  if (versions.join() !== '1,2,3') throw new Error(`only ${versions.join()} can be read`);
  return change;
}

describe('invariant 2: whatever is lost in a change of connection, its end and its ledger are those of an undisturbed one', () => {
  let undisturbed: Story;
  beforeAll(async () => {
    undisturbed = await changed('crash-not', {});
  }, 30_000);

  it('the trace names what it should', () => {
    const trace = undisturbed.world.effects.trace.slice(since.fault);
    expect([...new Set(trace)].sort()).toEqual([
      'provider.unwrap',
      'provider.verify',
      'provider.wrap',
      'store.claim',
      'store.commit approval-accepted',
      'store.commit connection-submitted',
      'store.commit custody-switched',
      'store.commit dry-run-recorded',
      'store.commit dry-run-reviewed',
      'store.commit entitlement-confirmed',
      'store.commit envelope-staged',
      'store.commit live-launched',
      'store.commit superseded-envelopes-erased',
      'store.commit verification-recorded',
    ]);
    expect(undisturbed.world.calls.trace.length - since.callFault).toBeGreaterThan(14);
  });

  nothingLostMatters(() => undisturbed, changed, since);
});
