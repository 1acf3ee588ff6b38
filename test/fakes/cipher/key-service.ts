import type { Connection } from '../../../domain/connection';
import { ProviderFailure } from '../../../domain/failure';
import type { KeyRef, RequestId } from '../../../domain/ids';
import type { Unwrapped, WrapContext } from '../../../domain/ports/provider';

export interface UnwrapCall {
  readonly connection: Connection | null;
  readonly wrapped: Uint8Array;
  readonly keyRef: KeyRef;
  readonly context: WrapContext;
  readonly signal: AbortSignal;
  /** 1, 2, …: the order in which calls were sent. */
  readonly number: number;
}

/** A key service whose answers tests give. Remembers every buffer it handed out. */
export class FakeKeyService {
  readonly calls: UnwrapCall[] = [];
  readonly handedOut: Uint8Array[] = [];
  /** The most calls that were neither answered nor aborted at one moment. */
  mostInFlight = 0;
  readonly #inFlight = new Set<symbol>();

  /** How a call is answered; tests replace it. */
  answer: (call: UnwrapCall) => Promise<Uint8Array> = () =>
    Promise.reject(new ProviderFailure('KEY_NOT_FOUND'));

  readonly provider = {
    unwrap: (
      connection: Connection,
      wrapped: Uint8Array,
      keyRef: KeyRef,
      context: WrapContext,
      signal: AbortSignal,
    ) => this.#unwrap({ connection, wrapped, keyRef, context, signal }),
  };
  readonly platform = {
    unwrap: (keyRef: KeyRef, wrapped: Uint8Array, context: WrapContext, signal: AbortSignal) =>
      this.#unwrap({ connection: null, wrapped, keyRef, context, signal }),
  };

  async #unwrap(call: Omit<UnwrapCall, 'number'>): Promise<Unwrapped> {
    const number = this.calls.length + 1;
    this.calls.push({ ...call, number });
    const flight = Symbol();
    this.#inFlight.add(flight);
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight.size);
    // An aborted call is out of the way, whenever its answer comes.
    call.signal.addEventListener('abort', () => this.#inFlight.delete(flight), { once: true });
    try {
      // A copy: the cipher owns what it is handed, and zeroes it.
      const bytes = Uint8Array.from(await this.answer({ ...call, number }));
      this.handedOut.push(bytes);
      return { bytes, requestId: `request-${number}` as RequestId };
    } finally {
      this.#inFlight.delete(flight);
    }
  }
}
