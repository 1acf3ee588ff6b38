import type { ProviderFailure } from '../../../domain/failure';
import type { RequestId } from '../../../domain/ids';
import type { CredentialSource } from '../../../domain/intake/credential-locator';

/** The longest credential that's read, in bytes: a private key and a chain of a few certificates. */
export const CREDENTIAL_MOST = 65_536;

/** What lies under a name. Whoever asked wipes it. */
export interface Found {
  readonly bytes: Uint8Array;
  /** From when on the place itself says not to use it: milliseconds since the epoch, or `null`. */
  readonly notAfterMs: number | null;
  readonly requestId: RequestId | null;
}

/** The operator's one place of a kind in which credentials lie; reached with an identity of the operator's. */
export interface Place {
  /** As records name a read of it. */
  readonly operation: string;
  /**
   * @param version `null`: what is current
   * @param renew past any cache of our own identity's
   * Whatever it rejects with is for {@link Place.classify} alone.
   */
  read(name: string, version: string | null, signal: AbortSignal, renew: boolean): Promise<Found>;
  /** Where its raw errors die. */
  classify(raw: unknown): ProviderFailure;
}

/** `null`: the configuration names no place of that kind. */
export type Places = Readonly<Record<CredentialSource['kind'], Place | null>>;
