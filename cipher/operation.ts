import { Refusal } from '../domain/failure';
import type { KeyVersion, OrganizationId, RequestId } from '../domain/ids';
import { type ContentOperationKind, isEncryption } from './events';
import { contentRefusalOf, copyOf, type OperationFailure, WorkspaceUnavailable } from './failures';
import type { XaesKey } from './xaes';

/** A key version as an operation asks for it: to encrypt, whichever is current when its group reads custody. */
export type VersionAsked = KeyVersion | 'current';

/** One piece of content: what to do with it once there's a key. */
export interface ContentItem {
  readonly asked: VersionAsked;
  readonly bytes: number;
  /** @throws what `content.ts` throws. */
  run(key: XaesKey, version: KeyVersion): Buffer;
}

export interface OperationResult {
  readonly failure: OperationFailure | null;
  readonly requestId: RequestId | null;
}

/**
 * One call of encrypt, decrypt or a batch, from arrival to its one answer. It is made of parts, one for each key
 * version it needs; it succeeds when every part was worked on and released, and fails with the first that fails.
 */
export class ContentOperation {
  readonly answer: Promise<Buffer[]>;
  readonly asked: ReadonlySet<VersionAsked>;
  awaits: 'provider' | 'database' = 'provider';
  readonly #results: Buffer[] = [];
  #unanswered: number;
  #unreleased: number;
  #requestId: RequestId | null = null;
  #settled = false;
  #resolve: (results: Buffer[]) => void = () => undefined;
  #reject: (failure: OperationFailure) => void = () => undefined;

  constructor(
    readonly organization: OrganizationId,
    readonly kind: ContentOperationKind,
    readonly items: readonly ContentItem[],
    /** On the cipher's clock; past it the operation is answered as {@link expire} says, and nothing else. */
    readonly deadlineAt: number,
    private readonly onSettled: (result: OperationResult) => void,
  ) {
    this.asked = new Set(items.map((item) => item.asked));
    this.#unanswered = this.asked.size;
    this.#unreleased = this.asked.size;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get purpose(): 'encrypt' | 'decrypt' {
    return isEncryption(this.kind) ? 'encrypt' : 'decrypt';
  }

  /** Whether it still waits at `now`. Asked at every step, because timers come late when the process is busy. */
  waits(now: number): boolean {
    if (!this.#settled && now >= this.deadlineAt) this.expire();
    return !this.#settled;
  }

  /**
   * Works on the items that asked for this version, yielding after each with its size, so that the caller can
   * let others run in between. Stops when the operation has been answered meanwhile.
   */
  *work(asked: VersionAsked, key: XaesKey, version: KeyVersion): Generator<number, void> {
    const isBatch = this.kind === 'encrypt-batch' || this.kind === 'decrypt-batch';
    for (const [index, item] of this.items.entries()) {
      if (item.asked !== asked) continue;
      if (this.#settled) return;
      try {
        this.#results[index] = item.run(key, version);
      } catch (error) {
        this.fail(contentRefusalOf(error, isBatch ? `item ${index}` : null));
        return;
      }
      yield item.bytes;
    }
  }

  /** The call for one of its versions was answered; after the last of them only our own records are waited for. */
  answered(): void {
    this.#unanswered--;
    if (this.#unanswered === 0) this.awaits = 'database';
  }

  /** The call for one of its versions has served it, and is in the usage record. */
  release(requestId: RequestId | null, now: number): void {
    if (!this.waits(now)) return;
    this.#requestId = requestId;
    this.#unreleased--;
    if (this.#unreleased === 0) this.#settle(null);
  }

  /** Past the deadline, what it waits for is what didn't answer. */
  expire(): void {
    this.fail(
      this.awaits === 'database'
        ? new Refusal('DATABASE_UNAVAILABLE')
        : new WorkspaceUnavailable('DEADLINE_EXCEEDED', null),
    );
  }

  fail(failure: OperationFailure): void {
    if (this.#settled) return;
    if (failure instanceof WorkspaceUnavailable) this.#requestId = failure.requestId;
    this.#settle(copyOf(failure));
  }

  #settle(failure: OperationFailure | null): void {
    this.#settled = true;
    if (failure === null) {
      this.#resolve(this.#results);
    } else {
      // Plaintext that nobody will get. Empty places of a batch are skipped.
      for (const result of this.#results) result?.fill(0);
      this.#reject(failure);
    }
    this.onSettled({ failure, requestId: this.#requestId });
  }
}
