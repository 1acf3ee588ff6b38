import type { Vault } from '../model/state';
import { VaultError } from './refusal';

const windowMs = 10_000;

/**
 * How many requests a vault takes in ten seconds, by the emulator's clock; refused ones don't count:
 * https://learn.microsoft.com/azure/key-vault/general/overview-throttling
 */
export class RequestLimit {
  readonly #served = new WeakMap<Vault, number[]>();

  /** @throws VaultError 429 with `Retry-After` in seconds */
  take(vault: Vault, nowMs: number): void {
    if (vault.requestLimit === undefined) return;
    const recent = (this.#served.get(vault) ?? []).filter((at) => nowMs - at < windowMs);
    this.#served.set(vault, recent);
    if (recent.length >= vault.requestLimit) {
      const seconds = Math.ceil(((recent[0] ?? nowMs) + windowMs - nowMs) / 1000);
      throw new VaultError(
        429,
        'Throttled',
        'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
        undefined,
        { 'retry-after': String(Math.max(1, seconds)) },
      );
    }
    recent.push(nowMs);
  }
}
