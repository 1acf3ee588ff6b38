import type { CallRecord, Observe } from './call';

interface CallLogger {
  info(fields: object, message: string): void;
}
interface CallCounter {
  inc(labels: Pick<CallRecord, 'provider' | 'operation' | 'code'>): void;
}

/** One log event and one count for each call to a provider. */
export const observing =
  (logger: CallLogger, counter: CallCounter): Observe =>
  (call) => {
    const { provider, operation, code } = call;
    counter.inc({ provider, operation, code });
    logger.info({ event: 'provider.call', ...call }, 'provider call');
  };
