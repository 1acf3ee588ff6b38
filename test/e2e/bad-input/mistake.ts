import type { ProviderCode } from '../../../domain/codes';
import type { Arrangement } from '../deployment/arrangement';
import type { CustomerCloud } from '../deployment/customer-cloud';

/** What a customer gets wrong in its account, or takes for another of its things. */
export interface Mistake<Cloud extends CustomerCloud> {
  readonly name: string;
  readonly code: ProviderCode;
  /** Makes it. @returns the connection that is then entered */
  readonly make: (each: Arrangement<Cloud>) => Promise<object>;
}

/** What nothing in an account could make right: refused as it is typed. */
export interface Mistyped<Cloud extends CustomerCloud> {
  readonly name: string;
  /** That the refusal names. */
  readonly field: RegExp;
  readonly enter: (each: Arrangement<Cloud>) => object;
}

export interface Mistakes<Cloud extends CustomerCloud> {
  readonly made: readonly Mistake<Cloud>[];
  readonly typed: readonly Mistyped<Cloud>[];
}
