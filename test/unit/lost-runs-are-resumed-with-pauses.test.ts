import type { OperationId, OrganizationId, OrganizationName } from '../../domain/ids';
import { createMetrics } from '../../runtime/metrics';
import type { OpenOperation } from '../../store/contract';
import { resumingOperations } from '../../workers/resume';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const quiet = { warn: () => undefined };

const operation = (id: string, kind: OpenOperation['kind'] = 'activate'): OpenOperation => ({
  id: id as OperationId,
  kind,
  organization: { id: `of-${id}` as OrganizationId, name: `org-${id}` as OrganizationName },
});

/** A database and a Temporal, and somebody who looks every minute. */
function world(open: OpenOperation[]) {
  const metrics = createMetrics();
  const running = new Set<string>();
  const started: [atMinute: number, kind: string, name: string, id: string][] = [];
  let nowMs = 0;
  const look = resumingOperations({
    store: { openOperations: async () => open },
    resume: async (kind, name, id) => {
      if (running.has(id)) return false;
      started.push([nowMs / MINUTE_MS, kind, name, id]);
      running.add(id);
      return true;
    },
    clock: () => nowMs,
    metrics,
    logger: quiet,
  });
  const minutes = async (count: number, eachMinute: () => void = () => undefined) => {
    for (let i = 0; i < count; i += 1) {
      await look();
      eachMinute();
      nowMs += MINUTE_MS;
    }
  };
  return { open, running, started, minutes, metrics };
}

test('at the first look, whatever its kind; one that runs is left alone', async () => {
  const kinds = ['create', 'activate', 'rotate', 'change-connection', 'offboard'] as const;
  const { running, started, minutes, metrics } = world(kinds.map((kind) => operation(kind, kind)));
  running.add('rotate');
  await minutes(3);
  expect(started.map(([at, kind, name, id]) => [at, kind, name, id])).toEqual(
    kinds.filter((kind) => kind !== 'rotate').map((kind) => [0, kind, `org-${kind}`, kind]),
  );
  expect(await metrics.registry.getSingleMetricAsString('smsk_operations_resumed_total')).toMatch(
    /\{kind="offboard"\} 1$/,
  );
});

test('what fails at once is started less and less often, down to once an hour', async () => {
  const { started, running, minutes } = world([operation('1')]);
  await minutes(300, () => running.clear());
  expect(started.map(([at]) => at)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
});

test('so is what runs for some minutes and fails; one that ran for hours is begun again at once', async () => {
  const { started, running, minutes } = world([operation('1')]);
  const failEvery = (n: number) => {
    let minute = 0;
    return () => {
      minute += 1;
      if (minute % n === 0) running.clear();
    };
  };
  await minutes(120, failEvery(3));
  expect(started.length).toBeLessThanOrEqual(8);
  started.length = 0;
  await minutes((2 * HOUR_MS) / MINUTE_MS);
  running.clear();
  await minutes(1);
  running.clear();
  await minutes(1);
  expect(started.at(-1)?.[0]).toBe(241);
  expect(started.at(-2)?.[0]).toBe(240);
});

test('an operation that has ended is forgotten', async () => {
  const { open, started, minutes, running } = world([operation('1')]);
  await minutes(1);
  const [ended] = open.splice(0);
  running.clear();
  await minutes(5);
  expect(started).toHaveLength(1);
  expect(ended?.id).toBe('1');
});
