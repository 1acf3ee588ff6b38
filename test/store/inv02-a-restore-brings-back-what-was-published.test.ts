import type { OrganizationId } from '../../domain/ids';
import { auditing } from './support/audit';
import { ConnectionChange } from './support/connection-change';
import { type Opened, openStore } from './support/opened';
import { type Backup, backupOf, rowsNow } from './support/restored';
import { activeAtAzure, Rotation } from './support/rotation';
import { inputFor, Story } from './support/story';

let opened: Opened;
let audit: Awaited<ReturnType<typeof auditing>>;
const backups: Backup[] = [];
beforeEach(async () => {
  opened = await openStore();
  audit = await auditing(opened);
});
afterEach(async () => {
  for (const backup of backups.splice(0)) await backup.drop();
  audit.remove();
  await opened.close();
});
const backup = async () => {
  const made = await backupOf(opened, audit);
  backups.push(made);
  return made;
};
const published = async () => expect((await audit.run()).found).toEqual([]);
const platformBytes = (of: Backup, organization: OrganizationId) =>
  of.sql('SELECT FROM envelope WHERE organization_id = $1 AND custody = $2 AND wrapped IS NOT NULL', [
    organization,
    'platform',
  ]);

test('inv02, inv01: a backup from before the activation is brought past it: every row as it was, platform envelopes erased', async () => {
  const story = await Story.created(opened.store);
  await published();
  const old = await backup();
  expect(await platformBytes(old, story.organization)).toHaveLength(1);
  await story.order();
  await story.claim();
  await story.confirmEntitlement();
  await story.connect();
  await story.verify();
  await story.plan();
  await story.review();
  await story.approve();
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.stage(2, 'customer', true);
  await story.switch();
  await story.seal();
  await story.handOff();
  await published();
  const { organization } = story;
  expect(await old.restore()).toEqual([
    {
      result: 'restored',
      entries: (await opened.store.ledgerHead(organization)).size,
      appended: expect.any(Number),
    },
  ]);
  expect(await old.rows()).toEqual(await rowsNow(opened));
  expect(await platformBytes(old, organization)).toEqual([]);
  expect((await old.store.liveEnvelopes(organization)).map(({ version }) => version)).toEqual([1, 2]);
  expect(await old.store.auditRows()).toEqual([]);
  // Once more changes nothing.
  expect(await old.restore()).toEqual([{ result: 'current', entries: expect.any(Number) }]);
});

test('an organization that the backup doesn’t know comes back whole, with a rotation and what it superseded', async () => {
  const empty = await backup();
  const story = await activeAtAzure(opened.store);
  const rotation = new Rotation(story);
  await rotation.staged(3);
  await rotation.switch(3);
  await rotation.erase();
  await published();
  expect(await empty.restore()).toEqual([expect.objectContaining({ result: 'restored' })]);
  expect(await empty.rows()).toEqual(await rowsNow(opened));
  expect((await empty.store.liveEnvelopes(story.organization)).map(({ version }) => version)).toEqual([
    1, 2, 3,
  ]);
  expect(await empty.store.auditRows()).toEqual([]);
});

test('a change of connection comes back whole, with the later epoch that a rotation had it claim, and the former key’s envelopes erased', async () => {
  const empty = await backup();
  const story = await activeAtAzure(opened.store);
  await story.handOff();
  const change = new ConnectionChange(story, inputFor(story.account));
  await change.approved();
  const { operation, digest, dryRunId } = story;
  const rotation = new Rotation(story);
  await rotation.staged();
  await rotation.switch(2);
  await rotation.erase();
  Object.assign(story, { operation, digest, dryRunId });
  await change.claim();
  await story.plan('live');
  await story.review();
  await story.approve();
  await change.staged();
  await change.switch();
  await change.erase();
  await published();
  expect(await empty.restore()).toEqual([expect.objectContaining({ result: 'restored' })]);
  expect(await empty.rows()).toEqual(await rowsNow(opened));
  expect(await empty.store.liveEnvelopes(story.organization)).toMatchObject(
    [1, 2, 3].map((version) => ({ version, keyRef: change.keyRef })),
  );
  expect(await empty.store.auditRows()).toEqual([]);
});
