import { type Rig, startRig } from './support/rig';
import { Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

describe('an activation without any trouble', () => {
  it('goes from order to handoff, and the ledger tells it in order', async () => {
    const { store, platform } = rig.fresh();
    const story = await Story.begin(rig, 'happy');
    const result = await story.complete();
    expect(result).toEqual({ operationId: story.operation().id, outcome: 'completed', currentVersion: 2 });
    expect(story.entries()).toEqual([
      'organization-created',
      'operation-opened',
      'platform-key-created',
      'envelope-staged',
      'custody-switched',
      'order-accepted',
      'approver-enrolled',
      'operation-opened',
      'entitlement-confirmed',
      'connection-submitted',
      'verification-recorded',
      'dry-run-recorded',
      'dry-run-reviewed',
      'approval-accepted',
      'live-launched',
      'envelope-staged',
      'envelope-staged',
      'custody-switched',
      'platform-key-disabled',
      'platform-key-probed',
      'platform-key-probed',
      'platform-key-probed',
      'platform-sealed',
      'platform-envelopes-erased',
      'platform-key-deletion-scheduled',
      'live-entered',
      'handoff-recorded',
    ]);
    const rows = store.rows(story.id);
    expect(rows.custody).toMatchObject({ custody: 'customer', currentVersion: 2, sealing: false });
    expect(await store.platformEnvelopes(story.id)).toEqual([]);
    expect([...platform.ring.keys.values()].map(({ state }) => state)).toEqual(['pending-deletion']);
  }, 30_000);
});
