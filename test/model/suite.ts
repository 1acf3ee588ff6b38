import { check, type Tally, wanted } from './check';
import { type Model, openModel } from './opened';

/** Organizations whose interleavings are played at the same time: one waits for the database while another computes. */
const ORGANIZATIONS = 2;

/**
 * Plays interleavings that begin at `starts`, over one real store.
 * @param reached what some interleaving of so many must have come to with the usual seed, or the model looks at less than
 *   it should
 */
export function holdsInEveryInterleaving(
  starts: Parameters<typeof openModel>[0],
  runs: number,
  reached: readonly string[],
): void {
  let model: Model;
  beforeAll(async () => {
    model = await openModel(starts, ORGANIZATIONS);
  }, 120_000);
  afterAll(() => model?.close());

  const want = wanted(runs);
  const only = want.path === null ? ORGANIZATIONS : 1;
  const each = { ...want, runs: Math.ceil(want.runs / only) };

  it(`${want.runs} interleavings, seed ${want.seed}`, async () => {
    const tally: Tally = new Map();
    await Promise.all(
      model.organizations
        .slice(0, only)
        .map((organization, nth) => check(organization, { ...each, seed: want.seed + nth }, tally)),
    );
    expect(await model.store.auditRows()).toEqual([]);
    if (want.isUsual && want.runs >= runs) expect(reached.filter((name) => !tally.has(name))).toEqual([]);
  }, 900_000);
}
