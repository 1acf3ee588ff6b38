import type { AwsConnectionInput } from '../../domain/connection';
import { approverKey } from '../fakes/authority';
import { type Rig, startRig } from './support/rig';
import { Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

/**
 * Somebody who can write rows, but not sign, and does so between the launch and the staging. The switch would refuse
 * all of it, but by then a live workspace key would stand in the database, wrapped under a key of theirs.
 */
describe('invariant 3: nothing is put under a key that the customer did not sign for', () => {
  it.each([
    [
      'the connection’s role was altered',
      'PLAN_CHANGED',
      (story: Story) => {
        for (const connection of story.world.store.rows(story.id).connections.values()) {
          const credential = { kind: 'aws-role', roleArn: 'arn:aws:iam::666666666666:role/theirs' } as const;
          connection.input = { ...(connection.input as AwsConnectionInput), credential };
        }
      },
    ],
    [
      'the plan’s key was altered, its digest left',
      'PLAN_CHANGED',
      (story: Story) => {
        const { dryRuns } = story.world.store.rows(story.id);
        for (const [id, dryRun] of dryRuns) {
          if (dryRun.plan?.kind !== 'activate') continue;
          const keyRef = 'arn:aws:kms:eu-central-1:666666666666:key/theirs' as never;
          const connection = { ...dryRun.plan.connection, keyRef };
          dryRuns.set(id, { ...dryRun, plan: { ...dryRun.plan, connection } });
        }
      },
    ],
    [
      'the approval is a row without a signature',
      'APPROVAL_MALFORMED',
      (story: Story) => {
        const { approvals } = story.world.store.rows(story.id);
        const forged = approvals.splice(0).map((each) => ({ ...each, evidence: '{}' }));
        approvals.push(...forged);
      },
    ],
    [
      'the approval key was removed',
      'APPROVAL_KEY_REMOVED',
      async (story: Story) => {
        const [key] = story.world.store.rows(story.id).approvers;
        const { credentialId } = key ?? approverKey('');
        await story.world.store.giveApprover(story.id, approverKey(credentialId, '2026-02-02T00:00:00.000Z'));
      },
    ],
  ])('%s', async (what, code, tamper) => {
    rig.fresh();
    const story = await Story.begin(rig, `rows-${what.length}`);
    await story.toLive();
    let before = 0;
    rig.instead.set('planVersions', async (original) => {
      const versions = await original();
      await tamper(story);
      before = story.world.effects.trace.length;
      return versions;
    });
    await story.launch();
    await story.until('refused', ({ trouble, step }) => step === null && trouble?.code === code);
    const since = story.world.effects.trace.slice(before);
    expect(since.filter((effect) => /wrap/.test(effect))).toEqual([]);
    expect(story.entries().filter((type) => type === 'envelope-staged')).toHaveLength(1);
    expect(story.refusals()).toContain(`live: ${code}`);
    await story.end();
  });
});
