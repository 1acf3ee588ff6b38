import { createLogger } from '../runtime/logging';

/** Ends a process whose start failed: start-up errors are ours and name what to mend, so their words may be logged. */
export const failStart =
  (name: string) =>
  (error: unknown): void => {
    const why = error instanceof Error ? error.message : 'unknown';
    createLogger(name).fatal({ event: 'start.failed', why }, `${name} failed to start`);
    process.exit(1);
  };
