import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { abortable } from './abortable';

/**
 * Asks something of ours (an identity, a credential), until the signal aborts.
 * @param unusable in place of anything raw that it rejects with
 * @throws ProviderFailure its own, `unusable`, or `DEADLINE_EXCEEDED`
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
    throw failure instanceof ProviderFailure ? failure : new ProviderFailure(unusable);
  }
}
