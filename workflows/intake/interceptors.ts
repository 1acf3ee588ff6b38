import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { allHandlersFinished, condition, setDefaultSignalHandler } from '@temporalio/workflow';
import {
  faultCode,
  faultDetail,
  type PayloadFault,
  payloadFaultIn,
  wasStored,
} from '../../domain/intake/payload-fault';
import { refusalFailure, refused } from '../failures';
import { isTainted, report } from './report';

/**
 * What everything sent to a workflow passes first: where the codec has put a marker in a payload's place, nothing is
 * acted on. A start and an update are refused in our words, a signal is dropped; each is on record, and a history
 * that holds what came past the codec is deleted.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      async execute(input, next) {
        // One whose name no handler has would otherwise wait unseen.
        setDefaultSignalHandler(() => undefined);
        const fault = faultAmong(input.args);
        if (fault !== null) {
          await report({ message: 'start', fault });
          throw failureFor(fault);
        }
        try {
          return await next(input);
        } finally {
          if (isTainted()) await condition(allHandlersFinished);
        }
      },
      async handleSignal(input, next) {
        const fault = faultAmong(input.args);
        if (fault === null) return next(input);
        return report({ message: 'signal', fault });
      },
      validateUpdate(input, next) {
        const fault = faultAmong(input.args);
        if (fault === null) return next(input);
        // Rejected here it leaves no event. What the codec endpoint refused holds nothing, and is put on record.
        if (wasStored(fault)) throw failureFor(fault);
      },
      async handleUpdate(input, next) {
        const fault = faultAmong(input.args);
        if (fault === null) return next(input);
        await report({ message: 'update', fault });
        throw failureFor(fault);
      },
      async handleQuery(input, next) {
        const fault = faultAmong(input.args);
        if (fault !== null) throw failureFor(fault);
        return next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: async (input, next) => readable(await next(input)),
      scheduleLocalActivity: async (input, next) => readable(await next(input)),
    },
  ],
});

function faultAmong(args: readonly unknown[]): PayloadFault | null {
  for (const arg of args) {
    const fault = payloadFaultIn(arg);
    if (fault !== null) return fault;
  }
  return null;
}

const failureFor = (fault: PayloadFault) => refusalFailure(refused(faultCode(fault), faultDetail(fault)));

/** A result that this worker can't read is no outcome: the workflow task waits for a worker that has the key. */
function readable<T>(result: T): T {
  const fault = payloadFaultIn(result);
  if (fault !== null) throw new Error(`${faultCode(fault)}: an activity’s result: ${faultDetail(fault)}`);
  return result;
}
