import { readFileSync, writeFileSync } from 'node:fs';
import { waitUntil } from '../../scripts/parts/wait';
import { SWEEP_SCHEDULE_ID } from '../../workflows/contract';
import { Arrangement } from './deployment/arrangement';
import { type Deployment, openDeployment } from './deployment/deployment';
import { WorkerProcesses } from './deployment/processes';
import { asSuperuser } from './deployment/sql';

/**
 * A real `kill -9` of the workers in the middle of a sweep: one probe is under way, held at its provider, the others have
 * ended. Between two sweeps lies a day, so that nobody's next turn comes while this is looked at.
 */
const PERIOD_MS = 86_400_000;
const NAMES = ['alpha', 'bravo', 'charlie'] as const;

let deployment: Deployment;
let processes: WorkerProcesses;
let all: readonly Arrangement[];

beforeAll(async () => {
  deployment = await openDeployment();
  const { configFile } = deployment;
  const config = JSON.parse(readFileSync(configFile, 'utf8')) as Record<string, object>;
  writeFileSync(
    configFile,
    JSON.stringify({ ...config, sweep: { ...config['sweep'], periodMs: PERIOD_MS } }),
  );
  processes = await WorkerProcesses.start(deployment);
  all = await Promise.all(NAMES.map((name) => Arrangement.create(deployment, name)));
  await Promise.all(all.map((each) => each.reach('closed')));
}, 180_000);
afterAll(() => deployment?.close());

const sql = (text: string, values: unknown[] = []) =>
  asSuperuser(deployment.database.ownerUrl, (query) => query(text, values));
/** Their turn has come. */
const makeDue = (...ids: readonly string[]) =>
  sql(
    `UPDATE probe SET due_at = clock_timestamp() - interval '1 second'
     WHERE kind = 'customer-key' AND organization_id = ANY($1)`,
    [ids],
  );
const dueNow = async () =>
  (
    await sql(`SELECT organization_id FROM probe WHERE kind = 'customer-key' AND due_at <= clock_timestamp()`)
  ).map((row) => row['organization_id']);
const sweep = () => deployment.namespace.client.schedule.getHandle(SWEEP_SCHEDULE_ID).trigger();
/** Probes that came to their end, by the customer's own log: each wraps once. */
const probesSince = (each: Arrangement, since: number) =>
  each.cloud.trail(since).filter(({ call, ours, refusal }) => ours && call === 'wrap' && refusal === null)
    .length;

test('killed in mid-sweep: nobody is skipped, and only what was under way is done again', async () => {
  const [alpha, bravo, charlie] = all;
  if (alpha === undefined || bravo === undefined || charlie === undefined)
    throw new Error('not all are there');
  const { id } = charlie.organization;
  // The first sweep enrols them.
  await sweep();
  const isEnrolled = async () => (await sql(`SELECT 1 FROM probe WHERE kind = 'customer-key'`)).length === 3;
  expect(await waitUntil(isEnrolled, 30_000)).toBe(true);

  const since = all.map((each) => each.cloud.lastSequence());
  const held = charlie.cloud.inject({ on: 'unwrap', effect: { kind: 'hold' } });
  await makeDue(...all.map(({ organization }) => organization.id));
  let endedHits = 0;
  const isUnderWay = async () => {
    await sweep();
    const due = await dueNow();
    const hits = charlie.cloud.hitsOf(held);
    if (due.length === 0) {
      // On a busy machine its probe may come to its deadline before the others are through: once more.
      endedHits = hits;
      await makeDue(id);
    }
    return hits > endedHits && due.join() === id;
  };
  expect(await waitUntil(isUnderWay, 60_000, 500)).toBe(true);
  await processes.kill();
  const killedAt = all.map((each) => each.cloud.lastSequence());
  charlie.cloud.clearFaults();
  expect([alpha, bravo].map((each, nth) => probesSince(each, since[nth] ?? 0))).toEqual([1, 1]);

  await processes.start();
  // As if the dead worker's lease had run out: nobody else may have it before.
  await sql(`UPDATE probe SET leased_until = clock_timestamp() WHERE organization_id = $1`, [id]);
  const isDone = async () => {
    await sweep();
    return (await dueNow()).length === 0;
  };
  expect(await waitUntil(isDone, 90_000, 500)).toBe(true);
  expect(all.map((each, nth) => probesSince(each, killedAt[nth] ?? 0))).toEqual([0, 0, 1]);
  const [row] = await sql(
    `SELECT leased_by, failures FROM probe WHERE kind = 'customer-key' AND organization_id = $1`,
    [id],
  );
  expect(row).toEqual({ leased_by: null, failures: 0 });
  expect(await deployment.store.auditRows()).toEqual([]);
}, 240_000);
