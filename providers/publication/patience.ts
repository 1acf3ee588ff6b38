import { PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { PublicationAway } from '../../domain/ports/archive';

/** Of one attempt, and more for what is long. */
const ATTEMPT_MS = 5_000;
const BYTES_A_MS = 1_000;
/** Between two attempts; after the last of them nobody waits any longer. */
const PAUSES_MS = [200, 1_000] as const;
/** After so much patience the next ones are refused at once for so long: many organizations publish one after another. */
const AWAY_MS = 15_000;

export interface PatienceOptions {
  readonly clock: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** `renew`: with a new session of ours. */
export type Attempt<T> = (signal: AbortSignal, renew: boolean) => Promise<T>;

/** @param bytes to be sent, or that may come */
export type Patient = <T>(attempt: Attempt<T>, bytes?: number) => Promise<T>;

/**
 * Tries again, by the code table: what may pass after a pause; what a renewed session may mend at once, and once. In the end
 * it is a {@link PublicationAway} with its code, unless it is no failure of a call.
 */
export function patiently({ clock, pause }: PatienceOptions): Patient {
  let away: { readonly code: ProviderCode; readonly untilMs: number } | undefined;
  return async (attempt, bytes = 0) => {
    if (away !== undefined && clock() < away.untilMs) throw new PublicationAway(away.code);
    const pauses = [...PAUSES_MS];
    for (let renew = false; ; ) {
      try {
        return await attempt(AbortSignal.timeout(ATTEMPT_MS + Math.ceil(bytes / BYTES_A_MS)), renew);
      } catch (failure) {
        if (!(failure instanceof ProviderFailure)) throw failure;
        const { code } = failure;
        const { retry } = PROVIDER_CODES[code];
        if (retry === 'once' && !renew) {
          renew = true;
          continue;
        }
        const pauseMs = retry === 'fast' ? pauses.shift() : undefined;
        if (retry === 'fast' && pauseMs === undefined) away = { code, untilMs: clock() + AWAY_MS };
        if (pauseMs === undefined) throw new PublicationAway(code);
        await pause(pauseMs);
      }
    }
  };
}
