import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { WORKFLOWS } from '../../workers/bundle';
import { TEST_CONVERTER } from '../fakes/sealing';
import { workflowBundle } from '../harness/workflow-bundle';

const files = readdirSync(__dirname).filter((file) => file.endsWith('.json'));
function recorded(file: string) {
  const { workflowId, history } = JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as {
    workflowId: string;
    history: object;
  };
  return { workflowId, history: temporal.api.history.v1.History.fromObject(history) };
}

beforeAll(() => Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] }));

it('there are recorded histories of every way an activation, a rotation, a change of connection, an offboarding and a recovery go', () => {
  const stories = new Set(files.map((file) => file.replace(/(-\d+)?\.json$/, '')));
  expect([...stories].sort()).toEqual([
    'cancelled',
    'cancelled-in-the-ui',
    'completed',
    'connection-changed',
    'connection-kept',
    'continued',
    'created',
    'expired',
    'nothing-open',
    'nothing-to-rotate',
    'offboarded',
    'offboarding-stopped',
    'plan-given-up',
    'recovered',
    'refused',
    'refused-again',
    'rejected',
    'rotated',
    'rotation-cancelled',
    'rotation-refused',
  ]);
});

it.each(files)(
  '%s replays',
  async (file) => {
    const { workflowId, history } = recorded(file);
    const options = { workflowBundle: workflowBundle(), dataConverter: TEST_CONVERTER };
    await Worker.runReplayHistory(options, history, workflowId);
  },
  30_000,
);

it('a broken twin doesn’t, so that a replay which says yes means something', async () => {
  const broken = await bundleWorkflowCode({
    workflowInterceptorModules: WORKFLOWS.workflowInterceptorModules,
    workflowsPath: require.resolve('./broken-twin'),
    logger: new DefaultLogger('ERROR'),
  });
  const { workflowId, history } = recorded('completed-1.json');
  await expect(
    Worker.runReplayHistory({ workflowBundle: broken, dataConverter: TEST_CONVERTER }, history, workflowId),
  ).rejects.toThrow(DeterminismViolationError);
}, 60_000);
