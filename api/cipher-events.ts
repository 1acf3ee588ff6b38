import type { CipherEvents } from '../cipher';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';

/** The cipher's events as metrics and log lines: one for each operation, whatever its end. */
export function cipherEvents(logger: Logger, metrics: Metrics): CipherEvents {
  return {
    onOperation(operation) {
      const { operation: kind, code } = operation;
      metrics.operations.inc({ operation: kind, code });
      const level = code === 'OK' ? 'info' : 'warn';
      logger[level]({ event: 'cipher.operation', ...operation }, 'content operation');
    },
    observe({ code, groupSize, unwrapMs }) {
      metrics.groupSize.observe(groupSize);
      if (unwrapMs !== null) metrics.unwrapSeconds.observe({ code }, unwrapMs / 1000);
    },
    onTrouble(trouble) {
      logger.error({ event: 'cipher.trouble', ...trouble }, 'the cipher met trouble of our own');
    },
  };
}
