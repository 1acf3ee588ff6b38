import { type Opened, openStore } from './support/opened';
import { PLATFORM_KEY, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

/** As when a step's activity was answered by somebody else than our worker. */
test('nothing is sealed that was not disabled, and nothing goes on before it is sealed', async () => {
  const story = await Story.at(opened.store, 'sealing');
  const [envelope] = await opened.store.platformEnvelopes(story.organization);
  if (envelope === undefined) throw new Error('there is one');
  const { version, wrappedSha256 } = envelope;
  const sealed = { type: 'platform-sealed', keyRef: PLATFORM_KEY } as const;
  const erased = { type: 'platform-envelopes-erased', envelopes: [{ version, wrappedSha256 }] } as const;
  const deleted = {
    type: 'platform-key-deletion-scheduled',
    keyRef: PLATFORM_KEY,
    destroyedAt: await opened.store.now(),
  } as const;
  const step = (change: Parameters<Story['step']>[0]) => story.step(change, 'sealing', 'sealing');
  const live = () => story.step({ type: 'live-entered', currentVersion: 2 as never }, 'sealing', 'handoff');
  const tooEarly = refused('STAGE_MISMATCH');
  await expect(story.probe(0)).rejects.toEqual(tooEarly);
  for (const change of [sealed, erased, deleted]) await expect(step(change)).rejects.toEqual(tooEarly);
  await expect(live()).rejects.toEqual(tooEarly);
  await step({ type: 'platform-key-disabled', keyRef: PLATFORM_KEY });
  await expect(step(sealed)).rejects.toEqual(tooEarly);
  await story.proveDead();
  await step(sealed);
  await expect(live()).rejects.toEqual(tooEarly);
  await step(erased);
  await expect(live()).rejects.toEqual(tooEarly);
  await step(deleted);
  await live();
  expect((await story.current()).stage).toBe('handoff');
});
