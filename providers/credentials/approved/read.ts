import type { ProviderCode } from '../../../domain/codes';
import type { UsableReference } from '../../../domain/credential-reference';
import { ProviderFailure } from '../../../domain/failure';
import { credentialSource } from '../../../domain/intake/credential-locator';
import { requestIdOf } from '../../../domain/intake/fields';
import { type CallAbout, createCall, type Observe } from '../../calls/call';
import { propertyOf } from '../../calls/foreign-error';
import { onceMore } from '../../calls/once-more';
import { CREDENTIAL_MOST, type Found, type Place, type Places } from './place';

/** A credential as it was read for one use. */
export interface Read<T> {
  readonly value: T;
  /** The earlier of its registered date and its place's own: milliseconds since the epoch. */
  readonly endsAtMs: number;
}

/**
 * Reads what an entry leads to, once, and keeps none of it.
 * @param parse its strict grammar; what it throws is dropped
 * @throws ProviderFailure of ours alone: CREDENTIAL_UNAVAILABLE, or trouble on the way. Without a request id: it's of a
 * call in the operator's account, and in no log of the customer's
 */
export type ReadCredential = <T>(
  entry: UsableReference,
  parse: (text: string) => T,
  signal: AbortSignal,
) => Promise<Read<T>>;

export interface ReadOptions {
  readonly places: Places;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly observe: Observe;
}

interface About extends CallAbout {
  readonly place: Place;
}

export function credentialReader({ places, clock, observe }: ReadOptions): ReadCredential {
  const call = createCall<About>({
    provider: 'secret-store',
    clock,
    observe,
    classify: (raw, { place }) => place.classify(raw),
    requestIdOf: (found) => requestIdOf(propertyOf(found, 'requestId')),
  });
  return async (entry, parse, signal) => {
    const source = credentialSource(entry.locator);
    const place = places[source.kind];
    if (place === null) throw new ProviderFailure('CREDENTIAL_UNAVAILABLE');
    const { operation } = place;
    const version = source.kind === 'file' ? null : source.version;
    const attempt = (renew: boolean) =>
      call(
        { operation, organization: entry.organization, signal, place },
        async (own) => takenOrWiped(await place.read(source.name, version, own, renew), own),
        (found) => {
          try {
            const registered = Date.parse(entry.notAfter);
            const endsAtMs = Math.min(registered, found.notAfterMs ?? registered);
            return { value: parsed(found.bytes, parse), endsAtMs };
          } finally {
            found.bytes.fill(0);
          }
        },
      );
    try {
      return await onceMore(attempt);
    } catch (failure) {
      throw new ProviderFailure(codeOfOurs(failure));
    }
  };
}

/** @throws ProviderFailure CREDENTIAL_EXPIRED */
export function requireInTime(endsAtMs: number, nowMs: number): void {
  if (nowMs >= endsAtMs) throw new ProviderFailure('CREDENTIAL_EXPIRED');
}

/** One that came too late for anybody to take it. */
function takenOrWiped(found: Found, signal: AbortSignal): Found {
  if (signal.aborted) found.bytes.fill(0);
  return found;
}

/** The text, and what JSON or PEM readers make of it, is beyond our reach; the bytes are the caller's to wipe. */
function parsed<T>(bytes: Uint8Array, parse: (text: string) => T): T {
  try {
    if (bytes.length > CREDENTIAL_MOST) throw new Error('too long for a credential');
    return parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').trim());
  } catch {
    throw new ProviderFailure('CREDENTIAL_UNAVAILABLE');
  }
}

const AS_THEY_ARE: ReadonlySet<ProviderCode> = new Set<ProviderCode>([
  'NETWORK',
  'DEADLINE_EXCEEDED',
  'PROVIDER_TRANSIENT',
]);

/** Our quota, our rights, our identity: none of it says anything of the customer's set-up. */
function codeOfOurs(failure: unknown): ProviderCode {
  const code = failure instanceof ProviderFailure ? failure.code : 'CREDENTIAL_UNAVAILABLE';
  if (code === 'THROTTLED') return 'PROVIDER_TRANSIENT';
  return AS_THEY_ARE.has(code) ? code : 'CREDENTIAL_UNAVAILABLE';
}
