import { createMetrics } from '../../runtime/metrics';
import { MINUTE_MS, type Round, startRounds } from '../../runtime/rounds';

const START_MS = 1_700_000_000_000;
beforeEach(() => jest.useFakeTimers({ now: START_MS }));
afterEach(() => jest.useRealTimers());

function started(round: Round) {
  const { registry, ...metrics } = createMetrics();
  const warned: object[] = [];
  const logger = { warn: (fields: object) => void warned.push(fields) };
  const stop = startRounds(round, MINUTE_MS, { metrics, logger, clock: Date.now });
  const completedAt = async (part: string) => {
    const gauge = await registry.getSingleMetric('smsk_minute_last_completed_seconds')?.get();
    return gauge?.values.find(({ labels }) => labels['part'] === part)?.value;
  };
  return { stop, warned, completedAt };
}

/** A part that ends when it is told to. */
function held() {
  let release = (): void => undefined;
  const work = jest.fn(
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  return { work, release: () => release() };
}

test('a round at once and one each minute; what fails hinders no other, and is made again', async () => {
  const made: string[] = [];
  const { stop, warned, completedAt } = started({
    operations: async () => {
      made.push('operations');
      throw new Error('no Temporal at 10.0.0.7');
    },
    rotations: async () => void made.push('rotations'),
  });
  await jest.advanceTimersByTimeAsync(MINUTE_MS);
  expect(made).toEqual(['operations', 'rotations', 'operations', 'rotations']);
  // In our words, without the error's.
  const failed = { event: 'round.failed', part: 'operations' };
  expect(warned).toEqual([failed, failed]);
  expect(await completedAt('operations')).toBe(START_MS / 1000);
  expect(await completedAt('rotations')).toBe((START_MS + MINUTE_MS) / 1000);
  await stop();
  await jest.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(made).toHaveLength(4);
});

test('stopping waits for the part under way, and begins none of those after it', async () => {
  const first = held();
  const second = jest.fn(async () => undefined);
  const { stop } = started({ first: first.work, second });
  let isStopped = false;
  const stopped = stop().then(() => {
    isStopped = true;
  });
  await jest.advanceTimersByTimeAsync(MINUTE_MS);
  expect(isStopped).toBe(false);
  first.release();
  await stopped;
  expect(second).not.toHaveBeenCalled();
  expect(first.work).toHaveBeenCalledTimes(1);
});

test('a round that takes for ever is noticed; one that took minutes is followed by one, not by all it missed', async () => {
  const part = held();
  const { stop, completedAt } = started({ part: part.work });
  await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);
  expect(part.work).toHaveBeenCalledTimes(1);
  expect(await completedAt('part')).toBe(START_MS / 1000);
  part.release();
  await jest.advanceTimersByTimeAsync(1);
  expect(part.work).toHaveBeenCalledTimes(1);
  await jest.advanceTimersByTimeAsync(MINUTE_MS);
  expect(part.work).toHaveBeenCalledTimes(2);
  part.release();
  await stop();
});
