import type { ControlRecord } from './control-probe';

interface ControlLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
interface ControlMetrics {
  readonly controlProbes: { inc(labels: { provider: string; code: string }): void };
  readonly controlPasses: { set(labels: { provider: string }, value: number): void };
}

/** One log event and one count for each probe; a failing one is a warning: it is about us, or about the provider. */
export const observingControl =
  (logger: ControlLogger, { controlProbes, controlPasses }: ControlMetrics) =>
  ({ provider, outcome, ms }: ControlRecord): void => {
    const code = outcome.result === 'fails' ? outcome.code : outcome.result === 'passes' ? 'OK' : 'UNKNOWN';
    controlProbes.inc({ provider, code });
    if (outcome.result !== 'unknown') controlPasses.set({ provider }, outcome.result === 'passes' ? 1 : 0);
    const fields = { event: 'control.probe', provider, code, ms };
    if (outcome.result === 'passes') logger.info(fields, 'control probe');
    else logger.warn(fields, 'control probe failed');
  };
