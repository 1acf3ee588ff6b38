import type { WorkflowHandle } from '@temporalio/client';

/** Milliseconds that a finished run spent in timers that fired: its waits by design. */
export async function firedTimersMs(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  const startedAt = new Map<string, number>();
  let total = 0;
  for (const {
    eventId,
    eventTime,
    timerStartedEventAttributes: started,
    timerFiredEventAttributes: fired,
  } of events ?? []) {
    const at = Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6;
    if (started != null) startedAt.set(String(eventId), at);
    if (fired != null) total += at - (startedAt.get(String(fired.startedEventId)) ?? at);
  }
  return total;
}
