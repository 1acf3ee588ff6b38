import { ApplicationFailure } from '@temporalio/common';
import { type Rig, startRig } from './support/rig';
import { connectionOf, refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());

const count = (type: string) => story.entries().filter((each) => each === type).length;

describe('verification', () => {
  it('runs by itself after each submission, and again on request until it is clean', async () => {
    rig.fresh();
    story = await Story.begin(rig, 'verify');
    await story.toSetup();
    story.world.customer.refuses = { role: 'ROLE_ASSUME_DENIED' };
    await story.connect();
    const failed = await story.until('verified', ({ findings }) => findings.length > 0);
    expect(failed.stage).toBe('verification');
    expect(failed.findings).toContainEqual(expect.objectContaining({ code: 'ROLE_ASSUME_DENIED' }));
    expect(failed.awaiting?.who).toBe('customer-admin');

    story.world.customer.refuses = { unwrap: 'UNWRAP_DENIED' };
    await story.send('runVerification', {});
    await story.until('verified again', ({ findings }) => JSON.stringify(findings).includes('UNWRAP_DENIED'));
    story.world.customer.refuses = {};
    // From the Temporal UI: {} is enough.
    await story.handle.executeUpdate('runVerification', { args: [{}] });
    await story.at('dry-run');
    expect(count('verification-recorded')).toBe(3);
    expect(story.bodies().findLast(({ type }) => type === 'verification-recorded')?.actor.kind).toBe(
      'temporal:unverified',
    );
  });

  it('tells of trouble that isn’t the customer’s, and can be run again', async () => {
    rig.fresh();
    story = await Story.begin(rig, 'trouble');
    await story.toSetup();
    rig.instead.set('verifyConnection', async () => {
      throw ApplicationFailure.nonRetryable('x', 'OUR_IDENTITY');
    });
    await story.connect();
    const { stage } = await story.until('troubled', ({ trouble }) => trouble?.code === 'OUR_IDENTITY');
    expect(stage).toBe('verification');
    rig.instead.clear();
    await story.send('runVerification', {});
    expect((await story.at('dry-run')).trouble).toBeNull();
  });

  it('begins anew with another connection, from every stage before the switch', async () => {
    rig.fresh();
    story = await Story.begin(rig, 'rework');
    await story.toLive();
    await story.connect('rework-two');
    await story.at('dry-run');
    expect((await story.status()).dryRun).toBeNull();
    await story.dryRun();
    await story.review();
    await story.send('runVerification', {}, { role: 'support' });
    await story.at('dry-run');
    expect((await story.status()).dryRun).toBeNull();
    await story.dryRun();
    await story.review();
    await story.approve();
    await story.launch();
    await story.at('handoff');
  }, 30_000);

  it('refuses a key or role that another organization uses, once access to it is proved', async () => {
    rig.fresh();
    const other = await Story.begin(rig, 'owner');
    await other.toDryRun();
    story = await Story.begin(rig, 'intruder');
    await story.toSetup();
    story.world.customer.refuses = { role: 'ROLE_ASSUME_DENIED' };
    await story.connect('owner');
    await story.until('unproved', ({ findings }) => findings.some(({ result }) => result === 'failed'));
    // A guess is answered as a wrong one would be.
    expect((await story.status()).trouble).toBeNull();
    expect(story.refusals()).toEqual([]);
    story.world.customer.refuses = {};
    await story.send('runVerification', {});
    const { stage } = await story.until('refused', ({ trouble }) => trouble?.code === 'CONNECTION_IN_USE');
    expect(stage).toBe('verification');
    expect(story.refusals()).toEqual(['verification: CONNECTION_IN_USE']);
    await other.end();
  });
});

describe('a connection that isn’t of its form', () => {
  it.each([
    ['a region we don’t know', { region: 'eu-central-9' }, 'connection.region'],
    ['a key id alone', { key: 'alias/acme' }, 'connection.key'],
    [
      'a secret where a name belongs',
      { credential: { kind: 'aws-role', roleArn: 'AKIAxyz' } },
      'credential.roleArn',
    ],
    ['a secret beside it', { secretAccessKey: 'hunter2' }, 'has a member that isn’t known'],
  ])(
    '%s is refused by its validator, which names the field and nothing of its content',
    async (_what, part, words) => {
      rig.fresh();
      story = await Story.begin(rig, `form-${words.length}`);
      await story.toSetup();
      const attempt = story.send('submitConnection', { connection: { ...connectionOf('acme'), ...part } });
      const { code, message } = await refusalOf(attempt);
      expect(code).toBe('INPUT_INVALID');
      expect(message).toContain(words);
      expect(message).not.toMatch(/hunter2|secretAccessKey|AKIAxyz/);
    },
  );
});
