import type { Sha256Hex } from '../../domain/ids';
import { type Opened, openStore } from './support/opened';
import { Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

test('a token is found by its SHA-256 until it is revoked; adding it again changes nothing', async () => {
  const story = await Story.begin(opened.store);
  const sha256 = 'a'.repeat(64) as Sha256Hex;
  const token = { sha256, role: 'service', name: 'billing', organization: story.organization } as const;
  await opened.store.addToken(token);
  await opened.store.addToken({ ...token, role: 'support' });
  expect(await opened.store.tokenBySha256(sha256)).toEqual({
    role: 'service',
    name: 'billing',
    organization: story.organization,
  });
  expect(await opened.store.tokenBySha256('b'.repeat(64) as Sha256Hex)).toBeNull();
  await opened.store.revokeToken(sha256);
  expect(await opened.store.tokenBySha256(sha256)).toBeNull();
  await opened.store.addToken(token);
  expect(await opened.store.tokenBySha256(sha256)).toBeNull();
});
