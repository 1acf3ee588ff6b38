import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { type Rig, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());
async function begin(name: string): Promise<void> {
  rig.fresh();
  story = await Story.begin(rig, name.toLowerCase());
}
async function uiCancelled(): Promise<void> {
  const failed = await story.result().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(WorkflowFailedError);
  expect((failed as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
}
function expectUntouched(): void {
  expect(story.bodies().at(-1)).toMatchObject({ type: 'operation-closed', body: { outcome: 'cancelled' } });
  const { custody, envelopes, platformKey } = story.world.store.rows(story.id);
  expect(custody).toMatchObject({ custody: 'platform', currentVersion: 1, sealing: false });
  expect(envelopes.filter(({ erased }) => !erased).map(({ record }) => record.custody)).toEqual(['platform']);
  expect(platformKey?.disabledAt).toBeNull();
  expect(story.operation().holdsLock).toBe(false);
}

/** Holds the first attempt of an activity until the test lets it go. */
function held(activity: string): { reached: Promise<void>; letGo: () => void } {
  let letGo = () => {};
  let arrive = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  rig.instead.set(activity, async (original) => {
    rig.instead.delete(activity);
    arrive();
    await gate;
    return original();
  });
  return { reached, letGo: () => letGo() };
}

const STAGES = ['toSetup', 'toVerification', 'toDryRun', 'toApproval', 'toLive'] as const;

describe('before the switch', () => {
  it.each(STAGES)('`cancel` is honoured (%s) and changes nothing', async (to) => {
    await begin(`update-${to}`);
    await story[to]();
    expect(await story.send('cancel', {})).toMatchObject({ action: 'cancel', judged: true });
    expect(await story.result()).toMatchObject({ outcome: 'cancelled' });
    expectUntouched();
    expect(story.bodies().at(-1)?.actor.kind).toBe('customer-admin');
  });

  it.each(STAGES)('the Temporal UI’s Cancel is honoured (%s) and changes nothing', async (to) => {
    await begin(`ui-${to}`);
    await story[to]();
    await story.handle.cancel();
    await uiCancelled();
    expectUntouched();
    expect(story.bodies().at(-1)?.actor.kind).toBe('temporal:unverified');
  });

  it.each(['stageVersion', 'mintVersion'])(
    'during %s it is honoured, and what was staged is erased',
    async (activity) => {
      await begin(`during-${activity}`);
      await story.toLive();
      const { reached, letGo } = held(activity);
      await story.launch();
      await reached;
      await story.send('cancel', {});
      expect(await story.result()).toMatchObject({ outcome: 'cancelled' });
      letGo();
      expectUntouched();
    },
  );

  it('is refused to whoever may not, and recorded', async () => {
    await begin('nobody');
    await story.toSetup();
    expect((await refusalOf(story.send('cancel', {}, { role: null }))).code).toBe('FORBIDDEN');
    expect(story.refusals()).toEqual(['actor: FORBIDDEN']);
    expect((await story.status()).stage).toBe('setup');
  });

  it('before the claim it closes what the claim opened', async () => {
    await begin('unclaimed');
    const { reached, letGo } = held('claimActivation');
    await story.start();
    await reached;
    await story.handle.cancel();
    await uiCancelled();
    letGo();
    expectUntouched();
  });

  it('another activation can follow', async () => {
    await begin('again');
    await story.toApproval();
    await story.send('cancel', {});
    await story.result();
    expect(await story.complete()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
  }, 30_000);
});

describe('from the switch on', () => {
  it('`cancel` is refused and recorded while the switch is under way', async () => {
    await begin('switching');
    await story.toLive();
    const { reached, letGo } = held('switchCustody');
    await story.launch();
    await reached;
    expect((await refusalOf(story.send('cancel', {}))).code).toBe('STAGE_MISMATCH');
    expect(story.refusals()).toEqual(['live: STAGE_MISMATCH']);
    letGo();
    await story.at('handoff');
  });

  it.each(['switchCustody', 'disablePlatformKey', 'schedulePlatformKeyDeletion'])(
    'the Temporal UI’s Cancel during %s is ignored and recorded',
    async (activity) => {
      await begin(`ignored-${activity}`);
      await story.toLive();
      const { reached, letGo } = held(activity);
      await story.launch();
      await reached;
      await story.handle.cancel();
      await story.until('recorded', () => story.refusals().length > 0);
      letGo();
      await story.at('handoff');
      expect(story.refusals()).toEqual(['live: STAGE_MISMATCH']);
      expect(await story.handOff()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
    },
  );

  it('at handoff both are without effect', async () => {
    await begin('late');
    await story.toHandoff();
    expect((await refusalOf(story.send('cancel', {}))).code).toBe('STAGE_MISMATCH');
    await story.handle.cancel();
    await story.until('recorded', () => story.refusals().length > 0);
    expect(await story.handOff()).toMatchObject({ outcome: 'completed' });
  });
});
