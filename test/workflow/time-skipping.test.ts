import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTimeSkipping } from '../harness/time-skipping';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTimeSkipping();
});
afterAll(() => environment.teardown());

test('thirty days pass without waiting', async () => {
  const before = await environment.currentTimeMs();
  await environment.sleep('30 days');
  expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * 86_400_000);
});

const startWith = (workflowId: string, searchAttributes: Record<string, string[] | Date[]>) =>
  environment.client.workflow.start('nobodyRunsIt', { workflowId, taskQueue: 'nobody', searchAttributes });

test('our search attributes are registered, others are not', async () => {
  await startWith('known', { SmskOrg: ['acme'], SmskSince: [new Date(0)] });
  await expect(startWith('unknown', { SmskNoSuch: ['acme'] })).rejects.toThrow();
});
