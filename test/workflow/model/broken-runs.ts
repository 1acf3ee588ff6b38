import { temporal } from '@temporalio/proto';
import type { Story } from '../support/story';
import { runIdsOf } from './moves';

const { EventType } = temporal.api.enums.v1;
/** A worker may be slow to complete one; so many in a row were refused. */
const REFUSED_TASKS = 5;

/**
 * Ends those runs of a story that the time-skipping server keeps from going on. It takes a workflow task's commands one
 * by one and keeps what it took when it refuses a later one, such as the cancel of an activity that ended in the same
 * moment; each repetition is refused then, because what it took is there already. The real server takes all or none.
 */
export async function endBrokenRuns({ rig, name }: Story): Promise<void> {
  for (const id of Object.values(runIdsOf(name))) {
    const handle = rig.client.workflow.getHandle(id);
    const history = await handle.fetchHistory().catch(() => null);
    const types = (history?.events ?? []).map(({ eventType }) => eventType);
    const since = types.slice(types.lastIndexOf(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) + 1);
    const started = since.filter((type) => type === EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED);
    // One that fails or takes too long says so: that would be ours.
    const isOurs = since.some(
      (type) =>
        type === EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED ||
        type === EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    );
    if (started.length >= REFUSED_TASKS && !isOurs)
      await handle.terminate('the test server can’t go on with it').catch(() => undefined);
  }
}
