import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { FaultNote } from '../activities';
import { type PayloadFault, payloadFaultIn, wasStored } from '../domain/intake/payload-fault';
import { historyRemovalId, organizationIn } from '../workflows/contract';
import { DEADLINE_MS } from './start';

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];
type Run = Pick<FaultNote, 'workflowId' | 'runId'>;

/** Runs that ended without having looked at everything that was sent to them, and what they hold. */
export interface EndedRuns {
  /** Terminated, or ended by their timeout. @param since closed later than this (milliseconds since the epoch) */
  cutShort(since: number): Promise<readonly Run[]>;
  /** What came past the codec and is stored in the run's history; `null`: nothing, or it's gone. */
  faultIn(run: Run): Promise<FaultNote | null>;
  /** Whether a run of `removeHistory` has it. */
  isBeingRemoved(run: Run): Promise<boolean>;
}

/** As Temporal has them. Each call has a deadline and throws when Temporal doesn't answer. */
export function endedRunsAt(client: Client, codec: Pick<PayloadCodec, 'decode'>): EndedRuns {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + DEADLINE_MS, call);
  return {
    cutShort: (since) =>
      within(async () => {
        const runs: Run[] = [];
        const query = `ExecutionStatus IN ('Terminated', 'TimedOut') AND CloseTime > '${new Date(since).toISOString()}'`;
        for await (const { workflowId, runId } of client.workflow.list({ query }))
          runs.push({ workflowId, runId });
        return runs;
      }),
    faultIn: ({ workflowId, runId }) =>
      within(async () => {
        const history = await unlessGone(client.workflow.getHandle(workflowId, runId).fetchHistory());
        for (const event of history?.events ?? []) {
          const sent = sentBy(event);
          const fault = sent === null ? null : await storedAmong(codec, sent.payloads);
          if (sent !== null && fault !== null)
            return {
              workflowId,
              runId,
              organization: organizationIn(workflowId),
              message: sent.message,
              fault,
            };
        }
        return null;
      }),
    isBeingRemoved: ({ runId }) =>
      within(async () => {
        const removal = client.workflow.getHandle(historyRemovalId(runId));
        return (await unlessGone(removal.describe()))?.status.name === 'RUNNING';
      }),
  };
}

interface SentBy {
  readonly message: FaultNote['message'];
  readonly payloads: readonly Payload[];
}

/** What somebody outside has sent, as the history keeps it. */
function sentBy({
  workflowExecutionStartedEventAttributes: started,
  workflowExecutionSignaledEventAttributes: signaled,
  workflowExecutionUpdateAdmittedEventAttributes: admitted,
  workflowExecutionUpdateAcceptedEventAttributes: accepted,
}: Event): SentBy | null {
  if (started) return { message: 'start', payloads: started.input?.payloads ?? [] };
  if (signaled) return { message: 'signal', payloads: signaled.input?.payloads ?? [] };
  const update = admitted?.request ?? accepted?.acceptedRequest;
  return update ? { message: 'update', payloads: update.input?.args?.payloads ?? [] } : null;
}

async function storedAmong(
  codec: Pick<PayloadCodec, 'decode'>,
  payloads: readonly Payload[],
): Promise<PayloadFault | null> {
  for (const { data } of await codec.decode([...payloads])) {
    const fault = payloadFaultIn(jsonOf(data));
    if (fault !== null && wasStored(fault)) return fault;
  }
  return null;
}

/** Ordinary content may be no JSON; a marker is. */
function jsonOf(data: Uint8Array | null | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data ?? undefined));
  } catch {
    return null;
  }
}

async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
