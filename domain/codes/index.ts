import { PROVIDER_CODES, type ProviderCode } from './provider-codes';
import { REQUEST_CODES, type RequestCode } from './request-codes';

export { type CodeEntry, EFFECT_TEXT, type Effect, OWNERS, type Owner, type RetryPolicy } from './code';
export { PROVIDER_CODES, type ProviderCode } from './provider-codes';
export { REQUEST_CODES, type RequestCode, type RequestCodeEntry } from './request-codes';

/** Every stable code this product answers with; documented in `docs/ERRORS.md`, which is generated from here. */
export type Code = ProviderCode | RequestCode;

export const isProviderCode = (code: string): code is ProviderCode => Object.hasOwn(PROVIDER_CODES, code);
export const isRequestCode = (code: string): code is RequestCode => Object.hasOwn(REQUEST_CODES, code);
export const isCode = (code: string): code is Code => isProviderCode(code) || isRequestCode(code);

/** What failed in our own processes or their database, whoever asked: it refuses nobody, and passes or is mended by us. */
export const isTroubleOfOurs = (code: string): boolean =>
  code === 'INTERNAL' || code === 'DATABASE_UNAVAILABLE';

/** Text, remedy and effect of any code. */
export function describeCode(code: Code): {
  text: string;
  remedy: string;
  effect: keyof typeof import('./code').EFFECT_TEXT;
} {
  return isProviderCode(code) ? PROVIDER_CODES[code] : REQUEST_CODES[code];
}
