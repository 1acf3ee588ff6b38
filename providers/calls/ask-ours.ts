import type { ProviderCode } from '../../domain/codes';
import { DatabaseUnavailable, ProviderFailure } from '../../domain/failure';
import { abortable } from './abortable';

/**
 * Asks something of ours (an identity, a credential), until the signal aborts.
 * @param unusable in place of anything raw that it rejects with
 * @throws ProviderFailure its own, `unusable`, or `DEADLINE_EXCEEDED`; DatabaseUnavailable, which no provider is to blame for
 */
export async function askOurs<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  unusable: ProviderCode,
): Promise<T> {
  try {
    return await abortable(ask(), signal);
  } catch (failure) {
    if (signal.aborted) throw new ProviderFailure('DEADLINE_EXCEEDED');
    const isOurs = failure instanceof ProviderFailure || failure instanceof DatabaseUnavailable;
    throw isOurs ? failure : new ProviderFailure(unusable);
  }
}
