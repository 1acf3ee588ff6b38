import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { processIdentity } from '../../scripts/parts/identity';
import { freePort } from '../../scripts/parts/ports';
import { removeState } from '../../scripts/parts/state';
import { startTemporal, type Temporal } from '../../scripts/parts/temporal';
import { provided } from '../harness/variables';

// temporal.api.enums.v1.IndexedValueType
const [KEYWORD, DATETIME] = [2, 6];

let stateDir: string;
const running: Temporal[] = [];
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'temporal-'));
});
afterEach(async () => {
  for (const temporal of running.splice(0)) await temporal.stop();
  removeState(stateDir);
});

async function start(options: { uiPort?: number } = {}): Promise<Temporal> {
  const temporal = await startTemporal({ stateDir, durable: true, ...options });
  running.push(temporal);
  return temporal;
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await connection.withDeadline(Date.now() + 20_000, () => use(new Client({ connection })));
  } finally {
    await connection.close();
  }
}

test("the run's own server has our search attributes and keeps closed workflows for 30 days", async () => {
  await withClient(provided('temporal'), async ({ connection }) => {
    const known = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    expect(known.customAttributes).toEqual({
      SmskOrg: KEYWORD,
      SmskStage: KEYWORD,
      SmskProvider: KEYWORD,
      SmskPosture: KEYWORD,
      SmskAwaiting: KEYWORD,
      SmskSince: DATETIME,
    });
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
  });
});

test('an open workflow is there after kill -9 and a second start', async () => {
  const first = await start();
  await withClient(first.address, (client) =>
    client.workflow.start('nobodyRunsIt', { workflowId: 'kept', taskQueue: 'nobody' }),
  );
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await start();
  const { status } = await withClient(second.address, (client) =>
    client.workflow.getHandle('kept').describe(),
  );
  expect(status.name).toBe('RUNNING');
});

test('the Web UI answers, and goes with the server', async () => {
  const temporal = await start({ uiPort: await freePort() });
  const url = temporal.uiUrl ?? '';
  expect((await fetch(url, { signal: AbortSignal.timeout(10_000) })).status).toBe(200);
  await temporal.stop();
  expect(processIdentity(temporal.pid)).toBeUndefined();
  await expect(fetch(url, { signal: AbortSignal.timeout(10_000) })).rejects.toThrow();
});
