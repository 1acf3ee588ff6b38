import type { Sha256Hex, Thumbprint } from '../../domain/ids';
import { approverKey } from '../fakes/authority';
import { type Rig, startRig } from './support/rig';
import { APPROVER, refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());
let number = 0;
async function atApproval(): Promise<void> {
  rig.fresh();
  number += 1;
  story = await Story.begin(rig, `approval-${number}`);
  await story.toApproval();
}

describe('approval', () => {
  it('by update answers at once', async () => {
    await atApproval();
    const answer = await story.send('approve', await story.decision());
    expect(answer).toMatchObject({ action: 'approve', stage: 'live', judged: true });
    expect(story.entries().at(-1)).toBe('approval-accepted');
  });

  it('by signal does the same', async () => {
    await atApproval();
    await story.signal('approve', await story.decision());
    await story.at('live');
    expect(story.entries().at(-1)).toBe('approval-accepted');
  });

  it('by signal twice is one approval', async () => {
    await atApproval();
    const decision = await story.decision();
    await story.signal('approve', decision);
    await story.signal('approve', decision);
    await story.at('live');
    await story.send('runVerification', {}, { role: 'customer-admin' });
    await story.at('dry-run');
    expect(story.entries().filter((type) => type === 'approval-accepted')).toHaveLength(1);
    expect(story.refusals()).toEqual([]);
  });

  it('by two admins at once is one approval, and the other hears why', async () => {
    await atApproval();
    await story.world.store.giveApprover(story.id, approverKey('B'.repeat(43)));
    const both = await Promise.allSettled([
      story.send('approve', await story.decision()),
      story.send('approve', await story.decision('approve', { credentialId: 'B'.repeat(43) as Thumbprint })),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const rejected = both.find((each) => each.status === 'rejected');
    expect((await refusalOf(Promise.reject(rejected?.reason))).code).toBe('STAGE_MISMATCH');
    expect(story.entries().filter((type) => type === 'approval-accepted')).toHaveLength(1);
  });

  it('rejected by the customer ends the activation', async () => {
    await atApproval();
    await story.send('reject', await story.decision('reject'));
    expect(await story.result()).toMatchObject({ outcome: 'rejected', currentVersion: null });
    expect(story.entries().slice(-2)).toEqual(['approval-accepted', 'operation-closed']);
  });
});

describe('an approval that doesn’t count', () => {
  const other = 'f'.repeat(64) as Sha256Hex;
  const unknown = 'Z'.repeat(43) as Thumbprint;
  const cases: readonly (readonly [string, string, () => Promise<Record<string, unknown>>])[] = [
    ['expired', 'APPROVAL_EXPIRED', () => story.decision('approve', { exp: 1 })],
    ['for another plan', 'APPROVAL_OTHER_PLAN', () => story.decision('approve', { planDigest: other })],
    ['of a rejection', 'APPROVAL_OTHER_PLAN', () => story.decision('reject')],
    ['by an unknown key', 'APPROVAL_KEY_UNKNOWN', () => story.decision('approve', { credentialId: unknown })],
    ['with a forged signature', 'APPROVAL_SIGNATURE_INVALID', () => story.decision('approve', {}, 'forger')],
    [
      'by a removed key',
      'APPROVAL_KEY_REMOVED',
      async () => {
        await story.world.store.giveApprover(story.id, approverKey(APPROVER, '2026-02-02T00:00:00.000Z'));
        return story.decision();
      },
    ],
    [
      'that names another plan than it signs',
      'PLAN_UNKNOWN',
      async () => ({ ...(await story.decision()), planDigest: other }),
    ],
    [
      'that is rubbish',
      'APPROVAL_MALFORMED',
      async () => ({ ...(await story.decision()), evidence: { kind: 'jws', jws: 'rubbish' } }),
    ],
  ];

  it.each(cases)('%s: refused with its code, in the ledger, nothing moved', async (_what, code, sign) => {
    await atApproval();
    expect((await refusalOf(story.send('approve', await sign()))).code).toBe(code);
    expect(story.refusals()).toEqual([`approval: ${code}`]);
    expect((await story.status()).stage).toBe('approval');
  });

  it.each(cases)(
    '%s, as a signal: recorded, and the run goes on',
    async (_what, code, sign) => {
      await atApproval();
      await story.signal('approve', await sign());
      await story.until('refused', ({ trouble }) => trouble?.code === code);
      expect(story.refusals()).toEqual([`approval: ${code}`]);
      await story.world.store.giveApprover(story.id, approverKey(APPROVER));
      await story.world.store.giveApprover(story.id, approverKey(APPROVER));
      await story.approve();
      expect((await story.status()).stage).toBe('live');
    },
    20_000,
  );

  it('replayed after its plan was replaced: refused', async () => {
    await atApproval();
    const decision = await story.decision();
    await story.send('approve', decision);
    await story.send('runVerification', {}, { role: 'customer-admin' });
    await story.at('dry-run');
    await story.dryRun();
    await story.review();
    const attempt = story.send('approve', { ...decision, planDigest: await story.planDigest() });
    expect((await refusalOf(attempt)).code).toBe('APPROVAL_OTHER_PLAN');
  });

  it.each([
    ['no object', 'rubbish'],
    ['null', null],
    ['the wrong members', { approve: true }],
    ['too large', { evidence: 'x'.repeat(70_000) }],
    ['nested deeply', JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`)],
  ])('a signal that is %s is recorded and harms nothing', async (_what, payload) => {
    await atApproval();
    await story.handle.signal('approve', payload);
    await story.until('refused', ({ trouble }) => trouble?.code === 'APPROVAL_MALFORMED');
    expect(story.refusals()).toEqual(['approval: APPROVAL_MALFORMED']);
    await story.approve();
  });
});
