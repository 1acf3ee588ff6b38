import { Client } from 'pg';
import { type Opened, openStore } from './support/opened';
import { PLATFORM_KEY, Story } from './support/story';

let opened: Opened;
let app: Client;
beforeAll(async () => {
  opened = await openStore();
  app = new Client({ connectionString: opened.appUrl });
  await app.connect();
});
afterAll(async () => {
  await app.end();
  await opened.close();
});

const erase = (story: Story, sha256: string, index: number) =>
  app.query('SELECT erase_envelope($1, $2, $3)', [story.organization, sha256, index]);

async function shaOf(story: Story, custody: string, version: number): Promise<string> {
  const rows = await opened.sql<{ wrapped_sha256: string }>(
    'SELECT wrapped_sha256 FROM envelope WHERE organization_id = $1 AND custody = $2 AND version = $3',
    [story.organization, custody, version],
  );
  return rows[0]?.wrapped_sha256 ?? '';
}

test('a live envelope stays, whatever entry is named', async () => {
  const story = await Story.at(opened.store, 'sealing');
  const sha = await shaOf(story, 'customer', 2);
  const { size } = await opened.store.ledgerHead(story.organization);
  for (let index = 0; index < size; index++) {
    await expect(erase(story, sha, index)).rejects.toThrow(/envelope stays: it is live/);
  }
});

test('an entry that isn’t there, is of another type, or doesn’t name it, erases nothing', async () => {
  const story = await Story.at(opened.store, 'sealing');
  const sha = await shaOf(story, 'platform', 1);
  await expect(erase(story, sha, 9999)).rejects.toThrow(/no such ledger entry/);
  await expect(erase(story, sha, 0)).rejects.toThrow(/that ledger entry erases nothing/);
  await story.step({ type: 'platform-key-disabled', keyRef: PLATFORM_KEY }, 'sealing', 'sealing');
  await story.proveDead();
  await story.step({ type: 'platform-sealed', keyRef: PLATFORM_KEY }, 'sealing', 'sealing');
  const { index } = await story.step(
    { type: 'platform-envelopes-erased', envelopes: [] },
    'sealing',
    'sealing',
  );
  await expect(erase(story, sha, index)).rejects.toThrow(/does not name it/);
  await expect(erase(story, 'e'.repeat(64), index)).rejects.toThrow(/no such envelope/);
});

test('erased, its bytes are gone, its SHA-256 stays; erasing again does nothing', async () => {
  const story = await Story.at(opened.store, 'handoff');
  const [row] = await opened.sql<{ wrapped: null; wrapped_sha256: string; erased_index: number }>(
    `SELECT wrapped, wrapped_sha256, erased_index FROM envelope WHERE organization_id = $1 AND custody = 'platform'`,
    [story.organization],
  );
  expect(row?.wrapped).toBeNull();
  const lines = await opened.store.ledgerLines(story.organization, row?.erased_index ?? 0, 1);
  expect(lines[0]?.entry).toContain(row?.wrapped_sha256);
  const again = await erase(story, row?.wrapped_sha256 ?? '', row?.erased_index ?? 0);
  expect(again.rows).toEqual([{ erase_envelope: false }]);
  expect(await opened.store.platformEnvelopes(story.organization)).toEqual([]);
});

test('what an operation staged goes with its end before the switch, only by an entry of its own', async () => {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  await story.stage(1, 'customer', false);
  const sha = await shaOf(story, 'customer', 1);
  const ofAnother = await Story.at(opened.store, 'setup');
  const closed = await ofAnother.cancel('setup');
  await expect(erase(story, sha, closed.index)).rejects.toThrow(/envelope stays/);
  await story.cancel('live');
  const [row] = await opened.sql<{ gone: boolean }>(
    'SELECT wrapped IS NULL AS gone FROM envelope WHERE organization_id = $1 AND wrapped_sha256 = $2',
    [story.organization, sha],
  );
  expect(row).toEqual({ gone: true });
  // What is live under platform custody isn't touched by it.
  expect(await opened.store.liveEnvelopes(story.organization)).toHaveLength(1);
});

test('not even the owner changes an envelope’s bytes, or moves it to another version', async () => {
  const story = await Story.created(opened.store);
  for (const assignment of [`wrapped = '\\x00'`, 'version = 2', `key_ref = 'x'`, `statement = 'x'`]) {
    await expect(
      opened.sql(`UPDATE envelope SET ${assignment} WHERE organization_id = $1`, [story.organization]),
    ).rejects.toThrow(/never changed, only erased/);
  }
});
