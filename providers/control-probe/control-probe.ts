import type { Connection } from '../../domain/connection';
import type { ProviderName } from '../../domain/custody';
import { ProviderFailure } from '../../domain/failure';
import { CONTROL_UNKNOWN, type ControlOutcome, type ControlProbe } from '../../domain/ports/control-probe';
import type { Verifier } from '../../domain/ports/provider';
import { abortable } from '../calls/abortable';
import type { Canaries } from './canaries';

/** What came of one probe, for metrics and its log event. */
export interface ControlRecord {
  readonly provider: ProviderName;
  readonly outcome: ControlOutcome;
  /** From its first call until its outcome. */
  readonly ms: number;
}

export interface ControlProbeOptions {
  /** The customers' own: a session or token that is at hand would pass where a new one is refused. */
  readonly verifier: Verifier;
  readonly canaries: Canaries;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly observe: (record: ControlRecord) => void;
  /** How long an outcome is remembered, in milliseconds. */
  readonly memoryMs?: number;
  /** Of one probe, in milliseconds: about a dozen calls. */
  readonly deadlineMs?: number;
}

interface Asked {
  readonly outcome: Promise<ControlOutcome>;
  /** From the moment it has an outcome. */
  goodUntilMs: number;
}

/** One probe for all who ask while it is under way, whoever of them leaves; then its outcome is remembered. */
export function createControlProbe(options: ControlProbeOptions): ControlProbe {
  const { verifier, canaries, clock, observe, memoryMs = 30_000, deadlineMs = 10_000 } = options;
  const latest = new Map<ProviderName, Asked>();

  async function probe(provider: ProviderName, canary: Connection): Promise<ControlOutcome> {
    const startedAt = clock();
    const outcome = await outcomeOf(verifier, canary, AbortSignal.timeout(deadlineMs));
    observe({ provider, outcome, ms: clock() - startedAt });
    return outcome;
  }

  function ask(provider: ProviderName, canary: Connection): Promise<ControlOutcome> {
    const last = latest.get(provider);
    if (last !== undefined && clock() < last.goodUntilMs) return last.outcome;
    const outcome = probe(provider, canary);
    const asked: Asked = { outcome, goodUntilMs: Number.POSITIVE_INFINITY };
    latest.set(provider, asked);
    const settled = (): void => {
      asked.goodUntilMs = clock() + memoryMs;
    };
    outcome.then(settled, settled);
    return outcome;
  }

  return {
    outcome: async (provider, signal) => {
      const canary = canaries[provider];
      if (canary === undefined) return CONTROL_UNKNOWN;
      try {
        const outcome = ask(provider, canary);
        return await (signal === undefined ? outcome : abortable(outcome, signal));
      } catch {
        return CONTROL_UNKNOWN;
      }
    },
  };
}

async function outcomeOf(
  verifier: Verifier,
  canary: Connection,
  signal: AbortSignal,
): Promise<ControlOutcome> {
  try {
    const { findings } = await abortable(verifier.verify(canary, signal), signal);
    const failed = findings.find(({ result }) => result === 'failed');
    return failed?.result === 'failed' ? { result: 'fails', code: failed.code } : { result: 'passes' };
  } catch (failure) {
    // Anything else is a fault of this process, and says nothing of the provider.
    return failure instanceof ProviderFailure ? { result: 'fails', code: failure.code } : CONTROL_UNKNOWN;
  }
}
