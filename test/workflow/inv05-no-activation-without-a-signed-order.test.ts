import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { OrganizationId } from '../../domain/ids';
import { type Rig, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

const LATER_S = 4_102_444_800;
const OTHER = '99999999-9999-4999-8999-999999999999' as OrganizationId;
type Give = (story: Story) => Promise<unknown>;
const cases: readonly (readonly [string, string, Give])[] = [
  ['missing', 'ORDER_MISSING', async () => undefined],
  ['expired', 'ORDER_EXPIRED', ({ world, id }) => world.store.giveOrder(id, { seq: 1, exp: 1 })],
  [
    'forged',
    'ORDER_SIGNATURE_INVALID',
    ({ world, id }) => world.store.giveOrder(id, { seq: 1, exp: LATER_S }, 'x'),
  ],
  [
    'foreign',
    'ORDER_FOREIGN',
    ({ world, id }) => world.store.giveOrder(id, { seq: 1, exp: LATER_S, org: OTHER }),
  ],
  [
    'withdrawn',
    'ORDER_WITHDRAWN',
    async ({ world, id }) => {
      await world.store.giveOrder(id, { seq: 1, exp: LATER_S });
      await world.store.giveOrder(id, { seq: 2, exp: LATER_S, kind: 'withdrawal' });
    },
  ],
];

describe('an order that doesn’t entitle', () => {
  it.each(cases)('%s: the run fails with the code, and it is in the ledger', async (what, code, give) => {
    rig.fresh();
    const story = await Story.begin(rig, `order-${what}`, { order: false });
    await give(story);
    await story.start();
    const failed = await story.result().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(WorkflowFailedError);
    expect((failed as WorkflowFailedError).cause).toMatchObject({
      type: code,
      nonRetryable: true,
      category: ApplicationFailureCategory.BENIGN,
    });
    expect(story.refusals()).toEqual([`entitlement: ${code}`]);
    expect(story.bodies().at(-1)).toMatchObject({
      type: 'operation-closed',
      body: { outcome: 'refused', reason: code },
    });
    expect(rig.world.effects.trace).not.toContain('provider.verify');
  });
});

it('an order withdrawn while the customer signs stops the launch', async () => {
  rig.fresh();
  const story = await Story.begin(rig, 'withdrawn-late');
  await story.toLive();
  await story.world.store.giveOrder(story.id, { seq: 2, exp: LATER_S, kind: 'withdrawal' });
  expect((await refusalOf(story.launch())).code).toBe('ORDER_WITHDRAWN');
  expect(story.refusals()).toEqual(['live: ORDER_WITHDRAWN']);
  expect(story.entries()).not.toContain('live-launched');
  await story.end();
});
