import { PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import type { Check, CheckResult } from '../../domain/finding';
import type { RequestId } from '../../domain/ids';

/** Collects results in the order of the checks given; what was never run is `skipped`. */
export class Checklist {
  readonly #checks: readonly Check[];
  readonly #done = new Map<Check, CheckResult>();

  constructor(checks: readonly Check[]) {
    this.#checks = checks;
  }

  /**
   * @returns the work's value, or `undefined` when it failed and the failure is on the list.
   * @throws ProviderFailure for trouble that says nothing about the customer's set-up.
   */
  async run<T extends { readonly requestId: RequestId | null }>(
    check: Check,
    work: () => T | Promise<T>,
  ): Promise<T | undefined> {
    try {
      const value = await work();
      this.#done.set(check, { check, result: 'ok', requestId: value.requestId });
      return value;
    } catch (failure) {
      if (!(failure instanceof ProviderFailure) || isPassing(failure.code)) throw failure;
      const { code, requestId } = failure;
      this.#done.set(check, { check, result: 'failed', code, requestId });
      return undefined;
    }
  }

  findings(): readonly CheckResult[] {
    return this.#checks.map((check) => this.#done.get(check) ?? { check, result: 'skipped' });
  }
}

/** Passes by waiting, or by our own doing: neither a pass nor a finding. */
function isPassing(code: ProviderCode): boolean {
  const { retry } = PROVIDER_CODES[code];
  return retry === 'fast' || retry === 'once';
}
