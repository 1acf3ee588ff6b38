import { Refusal } from '../../domain/failure';
import { instantOf, type KeyRef, type KeyVersion, msOf } from '../../domain/ids';
import { PLAN_VALID_DAYS } from '../../domain/plan';
import type { LockedFacts } from '../../store';
import { type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

/** Every row of the organization's, as text. */
async function everything(story: Story): Promise<string> {
  const tables = await opened.sql<{ table_name: string }>(
    `SELECT table_name FROM information_schema.columns WHERE column_name = 'organization_id' ORDER BY 1`,
  );
  const rows = await Promise.all(
    tables.map(({ table_name }) =>
      opened.sql(`SELECT t::text FROM ${table_name} t WHERE organization_id = $1 ORDER BY 1`, [
        story.organization,
      ]),
    ),
  );
  return JSON.stringify(rows);
}

async function staged(): Promise<Story> {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.stage(2, 'customer', true);
  return story;
}

async function refusesUntouched(story: Story, code: string, run: () => Promise<unknown>): Promise<void> {
  const before = await everything(story);
  await expect(run()).rejects.toEqual(refused(code));
  expect(await everything(story)).toBe(before);
  expect(await opened.signer.epochFloor(story.organization)).toBeLessThan(story.operation.epoch);
}

test('the guard is shown what is locked, and its refusal leaves everything untouched', async () => {
  const story = await staged();
  let facts: LockedFacts | undefined;
  await refusesUntouched(story, 'APPROVAL_EXPIRED', () =>
    story.switch(async (shown) => {
      facts = shown as LockedFacts;
      throw new Refusal('APPROVAL_EXPIRED');
    }),
  );
  expect(facts).toMatchObject({
    planDigest: story.digest,
    plan: { dryRunId: story.dryRunId },
    orderJws: 'a.1.order',
    approval: { evidence: expect.stringMatching(/^evidence /), credentialId: 'c'.repeat(43) },
    approverKeys: [],
    staged: [{ version: 1 }, { version: 2 }],
  });
  // Nothing is lost by it: the same switch is made when the guard lets it pass.
  await story.switch();
  expect((await story.current()).stage).toBe('sealing');
});

test('a switch without a guard is refused', async () => {
  const story = await staged();
  const { guard: _, ...unguarded } = story.switchRequest();
  await expect(opened.store.commit(unguarded)).rejects.toThrow(/needs a guard/);
});

test('an order that came since makes it refuse; so does a withdrawal', async () => {
  const story = await staged();
  await story.order();
  await refusesUntouched(story, 'PLAN_CHANGED', () => story.switch());
  await story.order('withdrawal');
  await refusesUntouched(story, 'ORDER_WITHDRAWN', () => story.switch());
});

test('another digest, and a version that isn’t the plan’s, are refused', async () => {
  const story = await staged();
  await refusesUntouched(story, 'PLAN_UNKNOWN', () => {
    const request = story.switchRequest();
    return opened.store.commit({
      ...request,
      change: { ...request.change, planDigest: 'f'.repeat(64) } as never,
    });
  });
  await refusesUntouched(story, 'PLAN_CHANGED', () => {
    const request = story.switchRequest();
    return opened.store.commit({ ...request, change: { ...request.change, currentVersion: 1 } as never });
  });
});

test('an expired plan is refused', async () => {
  const story = await Story.at(opened.store, 'dry-run');
  await story.plan('dry-run', instantOf(msOf(await opened.store.now()) - (PLAN_VALID_DAYS + 1) * 86_400_000));
  await story.review();
  await story.approve();
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.stage(2, 'customer', true);
  await refusesUntouched(story, 'PLAN_EXPIRED', () => story.switch());
});

test.each([
  ['a version is missing', async (story: Story) => void (await story.stage(1, 'customer', false))],
  [
    'there’s one too many',
    async (story: Story) => {
      for (const version of [1, 2, 3]) await story.stage(version, 'customer', version > 1);
    },
  ],
  [
    'a re-wrapped one holds another key',
    async (story: Story) => {
      story.keys.delete(1);
      await story.stage(1, 'customer', false);
      await story.stage(2, 'customer', true);
    },
  ],
  [
    'one is under another key',
    async (story: Story) => {
      await story.stage(1, 'customer', false);
      const change = { ...story.envelopeChange(2, 'customer', true), keyRef: 'arn:aws:kms:other' as KeyRef };
      await story.step(change, 'live', 'live');
    },
  ],
])('what is staged must be just the plan’s: %s', async (_, stage) => {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  await stage(story);
  await refusesUntouched(story, 'PLAN_CHANGED', () => story.switch());
});

test('live is launched only with the digest of the plan that counts, and approved', async () => {
  const story = await Story.at(opened.store, 'live');
  const { digest } = story;
  story.digest = 'f'.repeat(64) as typeof digest;
  await expect(story.launch()).rejects.toEqual(refused('PLAN_UNKNOWN'));
  story.digest = digest;
  await story.connect('live');
  await story.verify();
  await story.plan();
  await story.review();
  await expect(
    story.step({ type: 'live-launched', planDigest: story.digest }, 'approval', 'approval'),
  ).rejects.toEqual(refused('STAGE_MISMATCH'));
});

test('an activation can’t switch to platform custody', async () => {
  const story = await staged();
  await refusesUntouched(story, 'STAGE_MISMATCH', () =>
    story.step(
      { type: 'custody-switched', custody: 'platform', planDigest: null, currentVersion: 1 as KeyVersion },
      'live',
      'closed',
    ),
  );
});

test('a new connection or verification voids dry-run, review and approval', async () => {
  const story = await Story.at(opened.store, 'live');
  await story.verify('live', 'dry-run');
  expect(await story.current()).toMatchObject({
    stage: 'dry-run',
    dryRunId: null,
    reviewed: false,
    approved: false,
  });
  await story.plan();
  await story.connect('dry-run');
  expect(await story.current()).toMatchObject({ stage: 'verification', dryRunId: null });
  await expect(opened.store.planFacts(story.operation.id)).rejects.toEqual(refused('VERIFICATION_MISSING'));
});

test('a newer dry-run voids the former’s review and approval', async () => {
  const story = await Story.at(opened.store, 'live');
  const old = { ...story.approvalChange('n'.repeat(22)) };
  await story.plan('live');
  expect(await story.current()).toMatchObject({ stage: 'dry-run', reviewed: false, approved: false });
  await story.review();
  await expect(story.step(old, 'approval', 'live')).rejects.toEqual(refused('APPROVAL_OTHER_PLAN'));
});
