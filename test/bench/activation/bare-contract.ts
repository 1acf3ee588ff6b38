import type { BenchCustomer } from './customer';

/** What the bare activation is about. Small, as the product's own input is. */
export interface BareInput {
  /** Fresh for each run: the rows that are inserted carry it. */
  readonly run: string;
  readonly customer: BenchCustomer;
  readonly platformKey: string;
  /** Workspace key version 1 under the platform key, base64. */
  readonly wrapped: string;
}

export const BARE_QUEUES = { custody: 'bare-custody', platform: 'bare-platform' } as const;

/** The customer's key, called as often and as the product calls it. */
export interface BareKey {
  /** As a verification does: by an access of its own, with what has to be refused, two wraps and their unwraps. */
  verify(customer: BenchCustomer): Promise<void>;
  wrapAndUnwrap(customer: BenchCustomer, bytes: Uint8Array): Promise<void>;
}
