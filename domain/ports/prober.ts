import type { ProviderCode } from '../codes';
import type { Connection } from '../connection';
import type { KeyRef, RequestId } from '../ids';
import type { KeyCall, WrapContext } from './provider';

/** What one step of a probe came to, as the provider answered it; whose a failure is, is found out afterwards. */
export type Outcome =
  | { readonly result: 'ok'; readonly requestId: RequestId | null }
  | { readonly result: 'failed'; readonly code: ProviderCode; readonly requestId: RequestId | null };

/** Where a name leads: an AWS alias to a key, an Azure key without a version to its newest. */
export type Named =
  | (Extract<Outcome, { result: 'ok' }> & { readonly keyRef: KeyRef })
  | Extract<Outcome, { result: 'failed' }>;

/** Something wrapped that must still unwrap: for each key that live envelopes are wrapped under, its canary. */
export interface Held {
  readonly wrapped: Uint8Array;
  readonly keyRef: KeyRef;
  readonly context: WrapContext;
}

export interface Probed {
  /** Getting in, with fresh credentials. Where it fails, nothing else is looked at. */
  readonly access: Outcome;
  /** One unwrap of everything held, in its order. */
  readonly reads: readonly Outcome[];
  /** A wrap as production wraps; `null`: not looked at. */
  readonly writes: Outcome | null;
  /** The key that the name the customer entered leads to now; `null`: it names a key itself, or wasn't looked at. */
  readonly leadsTo: Named | null;
  /** Whether the trust policy refuses what it must refuse; `null`: there is none, or it can't be told now. */
  readonly trust: Outcome | null;
}

/**
 * Looks at a connection in use as production uses it: the same calls, contexts and lengths, but with credentials of
 * its own that were just made. Reads and writes fail separately, so each is tried whatever the other came to.
 */
export interface Prober {
  /**
   * Never throws for what a provider does: that is what it reports.
   * @param looks `trust`: also whether the trust policy is as narrow as it was verified to be
   * @param onCall told each use of the key, in order, whatever comes of the probe
   */
  probe(
    connection: Connection,
    held: readonly Held[],
    looks: { readonly trust: boolean },
    signal: AbortSignal,
    onCall?: (call: KeyCall) => void,
  ): Promise<Probed>;
}
