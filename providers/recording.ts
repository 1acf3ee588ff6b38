import type { Connection } from '../domain/connection';
import { ProviderFailure } from '../domain/failure';
import type { KeyRef, RequestId } from '../domain/ids';
import type { ContentRecorder, UsageRecord } from '../domain/ports/content';
import type { Prober } from '../domain/ports/prober';
import type { KeyCall, OnRepeated, Provider, Verifier } from '../domain/ports/provider';

type Recorder = Pick<ContentRecorder, 'usage'>;

/**
 * Calls outside the cipher leave usage rows like the cipher's, so that the customer's log has no call of ours that our
 * record doesn't have. A call's row is written before what it gave is handed over; where it can't be, nothing is.
 */
export function recordedProvider(provider: Provider, recorder: Recorder): Provider {
  return {
    wrap: (connection, bytes, context, signal, onRepeated) =>
      recorded(recorder, connection, onRepeated, (repeated) =>
        provider.wrap(connection, bytes, context, signal, repeated),
      ),
    unwrap: async (connection, wrapped, keyRef, context, signal, onRepeated) =>
      recorded(
        recorder,
        connection,
        onRepeated,
        async (repeated) => ({
          ...(await provider.unwrap(connection, wrapped, keyRef, context, signal, repeated)),
          keyRef,
        }),
        ({ bytes }) => bytes.fill(0),
      ),
  };
}

/** As {@link recordedProvider}: the probes of a verification, also of one that ends without a report. */
export function recordedVerifier(verifier: Verifier, recorder: Recorder): Verifier {
  return {
    verify: (connection, signal, onCall) =>
      recordedCalls(recorder, connection, onCall, (told) => verifier.verify(connection, signal, told)),
  };
}

/** The same for the probes of a sweep. */
export function recordedProber(prober: Prober, recorder: Recorder): Prober {
  return {
    probe: (connection, held, looks, signal, onCall) =>
      recordedCalls(recorder, connection, onCall, (told) =>
        prober.probe(connection, held, looks, signal, told),
      ),
  };
}

/** A row for each call at once, so that its time is its call's; all of them before the answer. */
async function recordedCalls<T>(
  recorder: Recorder,
  connection: Connection,
  onCall: ((call: KeyCall) => void) | undefined,
  work: (onCall: (call: KeyCall) => void) => Promise<T>,
): Promise<T> {
  const writes: Promise<void>[] = [];
  try {
    return await work((call) => {
      const row = rowOf(connection, 'verification', call.requestId, call.isGood ? 1 : 0);
      const write = recorder.usage([row]);
      // Looked at below: until then a failure isn't one that nobody handles.
      void write.catch(() => undefined);
      writes.push(write);
      onCall?.(call);
    });
  } finally {
    await Promise.all(writes);
  }
}

async function recorded<T extends { readonly requestId: RequestId | null; readonly keyRef: KeyRef }>(
  recorder: Recorder,
  connection: Connection,
  onRepeated: OnRepeated | undefined,
  call: (onRepeated: OnRepeated) => Promise<T>,
  discard: (answer: T) => void = () => undefined,
): Promise<T> {
  const repeated: RequestId[] = [];
  const write = async (requestId: RequestId | null, operations: number, keyRef?: KeyRef): Promise<void> => {
    const earlier = repeated.map((each) => rowOf(connection, 'custody', each, 0));
    await recorder.usage([...earlier, rowOf(connection, 'custody', requestId, operations, keyRef)]);
  };
  let answer: T;
  try {
    answer = await call((requestId) => {
      repeated.push(requestId);
      onRepeated?.(requestId);
    });
  } catch (failure) {
    if (failure instanceof ProviderFailure) await write(failure.requestId, 0);
    throw failure;
  }
  try {
    await write(answer.requestId, 1, answer.keyRef);
  } catch (error) {
    discard(answer);
    throw error;
  }
  return answer;
}

/** Before a key is pinned, its name is what was entered. */
const rowOf = (
  { organization, pinnedKeyRef, input }: Connection,
  purpose: 'custody' | 'verification',
  requestId: RequestId | null,
  operations: number,
  keyRef: KeyRef = pinnedKeyRef ?? (input.key as KeyRef),
): UsageRecord => ({ organization, keyRef, requestId, purpose, operations });
