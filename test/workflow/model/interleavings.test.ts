import fc from 'fast-check';
import { waitUntil } from '../../../scripts/parts/wait';
import { wanted } from '../../model/check';
import { statesOf } from '../../model/world/platform';
import { type Rig, startRig } from '../support/rig';
import { readable, startRotating } from '../support/rotation';
import { Story } from '../support/story';
import { endBrokenRuns } from './broken-runs';
import { type Interleaving, interleaving, isAt, play, tell, turn } from './moves';
import { goOn, isActive, isOpen } from './people';
import { demandWhole } from './whole';

/** Stories under way at the same time; each has a world of its own. */
const AT_ONCE = 6;
const RUNS = 50;
const ENDS_WITHIN_MS = 120_000;
const LOOKS_EVERY_MS = 5_000;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig?.stop());

async function demandEnd(story: Story, what: string, isOver: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < ENDS_WITHIN_MS; waitedMs += LOOKS_EVERY_MS) {
    if (await waitUntil(isOver, LOOKS_EVERY_MS, 50)) return;
    await endBrokenRuns(story);
  }
  throw new Error(`${what} comes to no end`);
}

/** Once the weather is fair, everything comes to its end by itself, and everything can be read. */
async function end(story: Story, signed: Set<string>): Promise<void> {
  const { world, id } = story;
  turn(story, 'all', 'enabled');
  const { orders } = world.store.rows(id);
  if (orders.at(-1)?.kind === 'withdrawal')
    await world.store.giveOrder(id, { seq: orders.length + 1, exp: 4_102_444_800 });
  const isOver = async () => {
    if (world.store.incidents.open(id) !== null) await tell(story, 'answered');
    return world.store.incidents.open(id) === null;
  };
  await demandEnd(story, 'the incident', isOver);
  // It may hold the lock that the others wait for.
  const isRotated = async () => {
    if (isOpen(story, 'rotate')) await startRotating(story, {}, null).catch(() => undefined);
    return !isOpen(story, 'rotate');
  };
  await demandEnd(story, 'the rotation', isRotated);
  const isDone = async () => {
    await goOn(story, signed);
    return isActive(story) && demandWhole(story, signed).spareLeft === undefined;
  };
  await demandEnd(story, 'what was begun', isDone);
  await demandEnd(story, 'the incident', isOver);
  const reference = demandWhole(story, signed);
  reference.platform.demandNoSpare(statesOf(world.platform));
  if ((await readable(story)).length !== reference.live.size) throw new Error('not all can be read');
}

/** Entries of all stories, by type: what none of them came to is seen. */
const reached = new Map<string, number>();
const EXPECTED = [
  ...['operation-claimed', 'operation-closed', 'custody-switched', 'platform-sealed', 'handoff-recorded'],
  ...['rotation-launched', 'superseded-envelopes-erased', 'refusal', 'operator-approved'],
  ...['activate', 'rotate', 'change-connection', 'offboard'].map((kind) => `${kind} switched`),
];

let nth = 0;
async function told({ begins, fault, callFault, moves }: Interleaving): Promise<void> {
  nth += 1;
  const name = `model-${nth}`;
  const world = rig.beside(name, { fault, callFault });
  const signed = new Set<string>();
  const story = await Story.begin(rig, name, { world, provider: 'azure-key-vault' });
  const isBegun = async () => {
    await goOn(story, signed);
    return isAt(story, begins);
  };
  if (!(await waitUntil(isBegun, 60_000, 20))) throw new Error(`it never came to ${begins}`);
  for (const move of moves) {
    await play(story, move, signed);
    demandWhole(story, signed);
  }
  await end(story, signed);
  const count = (what: string) => reached.set(what, (reached.get(what) ?? 0) + 1);
  for (const type of story.entries()) count(type);
  for (const { kind, switched } of demandWhole(story, signed).operations.values())
    if (switched) count(`${kind} switched`);
}

const want = wanted(RUNS);

test(`${want.runs} interleavings of workflows, people, customers and crashes, seed ${want.seed}`, async () => {
  const waiting = fc.sample(interleaving, { numRuns: want.runs, seed: want.seed });
  const wrong: string[] = [];
  const next = async (): Promise<void> => {
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
      // What runs at the same time isn't to be shrunk: it is told as it was.
      await told(each).catch(
        (error: unknown) => void wrong.push(`${String(error)}\n${JSON.stringify(each)}`),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  expect(wrong).toEqual([]);
  if (want.runs >= RUNS) expect(EXPECTED.filter((type) => !reached.has(type))).toEqual([]);
}, 900_000);
