import type { ProviderCode } from '../codes';
import type { ProviderName } from '../custody';

/** How the same calls went with a canary of our own: what a customer's refusal is compared with. */
export type ControlOutcome =
  | { readonly result: 'passes' }
  | { readonly result: 'fails'; readonly code: ProviderCode }
  /** None is configured, or it couldn't be asked. */
  | { readonly result: 'unknown' };

export const CONTROL_UNKNOWN: ControlOutcome = { result: 'unknown' };

/**
 * A customer of our own at each provider, with a key of its own: same process, same identity, same code as for a
 * customer's connection, always with fresh credentials.
 */
export interface ControlProbe {
  /**
   * Never throws, and answers within its own deadline: one probe for all who ask meanwhile, remembered for a short
   * time. @param signal `unknown` for whoever doesn't wait so long
   */
  outcome(provider: ProviderName, signal?: AbortSignal): Promise<ControlOutcome>;
}
