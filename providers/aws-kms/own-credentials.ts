import { askOurs } from '../calls/ask-ours';
import type { AwsCredentials, AwsIdentity } from './clients';

/**
 * Asks an identity of ours, until the signal aborts.
 * @param refresh past any cache
 * @throws ProviderFailure its own, or `OUR_IDENTITY` for whatever else it rejects with
 */
export const ownCredentials = (
  identity: AwsIdentity,
  refresh: boolean,
  signal: AbortSignal,
): Promise<AwsCredentials> => askOurs(() => identity({ refresh }), signal, 'OUR_IDENTITY');
