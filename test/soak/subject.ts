import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type WorkspaceCipher, WorkspaceUnavailable } from '../../cipher';
import type { ProviderName } from '../../domain/custody';
import { Refusal } from '../../domain/failure';
import type { Prepared } from '../bench/activation/ours';

/** How many ciphertexts are kept to be read again, and how often callers come back. */
const KEPT = 200;
const CALLERS = 2;
const BETWEEN_MS = 150;

/**
 * What the customer's key is known to do, and since when (`performance.now()`): `on` and `off` once the provider has said
 * so and nothing is in its way; `unsure` while it's being changed, or something is.
 */
export type KeyState = 'on' | 'off' | 'unsure';

/** One organization of the soak: its customer, its traffic, and what may be expected of it at each moment. */
export class Subject {
  answered = 0;
  refused = 0;
  #state: KeyState = 'on';
  #since = 0;
  #isOver = false;
  readonly #kept: { readonly ciphertext: Buffer; readonly digest: string }[] = [];
  #callers: Promise<unknown> = Promise.resolve();

  constructor(
    public prepared: Prepared,
    readonly provider: ProviderName,
    private readonly cipher: WorkspaceCipher,
    private readonly violated: (what: string) => void,
  ) {}

  /** Called after the provider has answered a change, and before one is asked for (`unsure`). */
  is(state: KeyState): void {
    this.#state = state;
    this.#since = performance.now();
  }

  start(): void {
    this.#callers = Promise.all(Array.from({ length: CALLERS }, () => this.#call()));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#callers;
  }

  /** Every ciphertext that is kept: the end's proof that nothing was lost. @returns how many */
  async readAll(): Promise<number> {
    for (const { ciphertext, digest } of this.#kept) {
      const plaintext = await this.cipher.decrypt(this.prepared.id, ciphertext, {});
      if (digestOf(plaintext) !== digest) this.violated(`${this.#name}: not what was encrypted`);
    }
    return this.#kept.length;
  }

  async #call(): Promise<void> {
    for (let round = 0; !this.#isOver; round++) {
      await this.#operate(round % 2 === 0 ? () => this.#write() : () => this.#read());
      await pause(BETWEEN_MS);
    }
  }

  /** Judged only where the key's state was known, and the same, from before the operation to after it. */
  async #operate(operation: () => Promise<void>): Promise<void> {
    const [state, since] = [this.#state, this.#since];
    const wasSure = () => this.#state === state && this.#since === since;
    try {
      await operation();
      this.answered++;
      if (state === 'off' && wasSure()) {
        this.violated(`inv06 ${this.#name} (${this.provider}): answered under a disabled key`);
      }
    } catch (error) {
      this.refused++;
      const isTyped = error instanceof WorkspaceUnavailable || error instanceof Refusal;
      if (!isTyped) this.violated(`${this.#name}: ${String(error)}`);
      const isOurs = error instanceof Refusal;
      if (state === 'on' && wasSure() && !isOurs) {
        this.violated(
          `${this.#name}: refused under a key that answers: ${(error as WorkspaceUnavailable).providerCode}`,
        );
      }
    }
  }

  async #write(): Promise<void> {
    const plaintext = randomBytes(256);
    const ciphertext = await this.cipher.encrypt(this.prepared.id, plaintext, {});
    const kept = { ciphertext, digest: digestOf(plaintext) };
    // One of the oldest stays for ever, so that what was written before every rotation is read, too.
    if (this.#kept.length < KEPT) this.#kept.push(kept);
    else this.#kept[KEPT / 2 + (this.answered % (KEPT / 2))] = kept;
  }

  async #read(): Promise<void> {
    const kept = this.#kept[Math.floor(Math.random() * this.#kept.length)];
    if (kept === undefined) return this.#write();
    const plaintext = await this.cipher.decrypt(this.prepared.id, kept.ciphertext, {});
    if (digestOf(plaintext) !== kept.digest) this.violated(`${this.#name}: not what was encrypted`);
  }

  get #name(): string {
    return this.prepared.name;
  }
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
