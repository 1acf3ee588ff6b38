import type { ApproverKey } from '../../domain/approval';
import type { ChangeOf } from '../../domain/change';
import { instantOf } from '../../domain/ids';
import { type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const key = (credentialId: string) => ({
  credentialId,
  publicJwk: { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) } as const,
  role: 'customer-admin' as const,
  enrolledAt: instantOf(1_700_000_000_000),
  removedAt: null,
});

/** Of the form that a signed word has; what it says is the authority's to judge. */
const wordOf = (kid: string) =>
  [JSON.stringify({ alg: 'EdDSA', typ: 'smsk-enrolment+jws', kid }), '{}', 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
const removal = (credentialId: string, by = key('b'.repeat(43))): ChangeOf<'approver-removed'> => ({
  type: 'approver-removed',
  credentialId,
  by: { kind: 'approver', credentialId: by.credentialId },
  enrolment: `removal.of.${credentialId}`,
});

test('an approval’s nonce is spent once, also by a rejection, also for another plan', async () => {
  const story = await Story.at(opened.store, 'approval');
  const nonce = 'n'.repeat(22);
  const rejection = { ...story.approvalChange(nonce), decision: 'reject' as const };
  await story.step(rejection, 'approval', 'approval');
  expect((await story.current()).approved).toBe(false);
  await expect(story.approve(nonce)).rejects.toEqual(refused('APPROVAL_REPLAYED'));
  await story.plan('approval');
  await story.review();
  await expect(story.approve(nonce)).rejects.toEqual(refused('APPROVAL_REPLAYED'));
  await story.approve();
  expect((await story.current()).approved).toBe(true);
  expect(await opened.store.approvals(story.organization)).toHaveLength(2);
});

test('of two admins who send the same approval at once, one is counted', async () => {
  const story = await Story.at(opened.store, 'approval');
  const nonce = 'm'.repeat(22);
  const answers = await Promise.allSettled([story.approve(nonce), story.approve(nonce)]);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await opened.store.approvals(story.organization)).toHaveLength(1);
});

test('a rejection doesn’t lead to live', async () => {
  const story = await Story.at(opened.store, 'approval');
  const rejection = { ...story.approvalChange('r'.repeat(22)), decision: 'reject' as const };
  await expect(story.step(rejection, 'approval', 'live')).rejects.toEqual(refused('STAGE_MISMATCH'));
});

test('an approval after a rejection counts', async () => {
  const story = await Story.at(opened.store, 'approval');
  const rejection = { ...story.approvalChange('r'.repeat(22)), decision: 'reject' as const };
  await story.step(rejection, 'approval', 'approval');
  await story.approve();
  await story.launch();
  expect((await story.current()).holdsLock).toBe(true);
});

test('an order counts by its seq: an older one, the same one, and a jti once used are refused', async () => {
  const story = await Story.created(opened.store);
  const accept = (...args: Parameters<Story['orderChange']>) =>
    opened.store.commit(story.unfenced(story.orderChange(...args)));
  await accept(5);
  await expect(accept(5)).rejects.toEqual(refused('ORDER_REPLAYED'));
  await expect(accept(4)).rejects.toEqual(refused('ORDER_REPLAYED'));
  await expect(
    opened.store.commit(story.unfenced({ ...story.orderChange(6), jti: 'order-5' })),
  ).rejects.toEqual(refused('ORDER_REPLAYED'));
  await accept(7, 'withdrawal');
  expect(await opened.store.latestOrder(story.organization)).toEqual({
    jws: 'a.7.withdrawal',
    seq: 7,
    kind: 'withdrawal',
  });
  expect(await opened.store.orders(story.organization)).toEqual(['a.5.order', 'a.7.withdrawal']);
});

test('approver keys: enrolled once, removed once, and then still shown with the date', async () => {
  const story = await Story.created(opened.store);
  const enrol = (id: string) =>
    opened.store.commit(
      story.unfenced({ type: 'approver-enrolled', key: key(id), by: { kind: 'order', orderRef: 'PO-1' } }),
    );
  const remove = (id: string) => opened.store.commit(story.unfenced(removal(id)));
  await enrol('a'.repeat(43));
  await enrol('b'.repeat(43));
  await expect(enrol('a'.repeat(43))).rejects.toEqual(refused('INPUT_INVALID'));
  await expect(remove('z'.repeat(43))).rejects.toEqual(refused('APPROVAL_KEY_UNKNOWN'));
  const { at } = await remove('a'.repeat(43));
  await expect(remove('a'.repeat(43))).rejects.toEqual(refused('APPROVAL_KEY_REMOVED'));
  expect(await opened.store.approverKeys(story.organization)).toEqual([
    { ...key('a'.repeat(43)), removedAt: at },
    key('b'.repeat(43)),
  ]);
});

test('a removed key vouches for nobody, also where its word was checked just before; the last key stays', async () => {
  const story = await Story.created(opened.store);
  const [first, second, third] = [key('a'.repeat(43)), key('b'.repeat(43)), key('c'.repeat(43))];
  const enrol = (of: ApproverKey, by: ChangeOf<'approver-enrolled'>['by']) =>
    opened.store.commit(story.unfenced({ type: 'approver-enrolled', key: of, by }));
  const remove = (credentialId: string) =>
    opened.store.commit(
      story.unfenced(
        removal(
          credentialId,
          [first, second].find((by) => by.credentialId !== credentialId),
        ),
      ),
    );
  await enrol(first, { kind: 'order', orderRef: 'PO-1' });
  const vouched = { ...second, enrolment: wordOf(first.credentialId) };
  await enrol(vouched, { kind: 'approver', credentialId: first.credentialId });
  expect(await opened.store.approverKeys(story.organization)).toContainEqual(vouched);
  const removals = await Promise.allSettled([remove(first.credentialId), remove(second.credentialId)]);
  expect(removals.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const words = await opened.store.enrolments(story.organization);
  expect(words).toEqual([vouched.enrolment, expect.stringMatching(/^removal\.of\./)]);
  for (const { credentialId, removedAt } of await opened.store.approverKeys(story.organization)) {
    if (removedAt === null) continue;
    await expect(enrol(third, { kind: 'approver', credentialId })).rejects.toEqual(
      refused('APPROVAL_KEY_REMOVED'),
    );
  }
});
