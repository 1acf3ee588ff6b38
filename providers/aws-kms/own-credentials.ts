import { ProviderFailure } from '../../domain/failure';
import { abortable } from '../calls/abortable';
import type { AwsCredentials, AwsIdentity } from './clients';

/**
 * Asks an identity of ours, until the signal aborts.
 * @param refresh past any cache
 * @throws ProviderFailure its own, or `OUR_IDENTITY` for whatever else it rejects with
 */
export async function ownCredentials(
  identity: AwsIdentity,
  refresh: boolean,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  try {
    return await abortable(identity({ refresh }), signal);
  } catch (failure) {
    if (signal.aborted) throw new ProviderFailure('DEADLINE_EXCEEDED');
    throw failure instanceof ProviderFailure ? failure : new ProviderFailure('OUR_IDENTITY');
  }
}
