import type { ProviderName } from '../../../domain/custody';

/** One call as a provider's log has it. Texts are {@link wordOf}: they may be printed. */
export interface ProviderRecord {
  readonly provider: ProviderName;
  /** Tells a record from every other one; the same record twice has the same. */
  readonly identity: string;
  /** What our own record has as `requestId`. */
  readonly requestId: string | null;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly operation: string;
  /** Whether the call uses a key, rather than looks at or changes one. */
  readonly isUse: boolean;
  /** Names of the key, any of which may be ours; none where the log doesn't say which. */
  readonly keys: readonly string[];
  /** The provider's word for why not; `null`: it was done. */
  readonly refusal: string | null;
  /** Who called, from where, with what. */
  readonly principal: string;
  readonly source: string;
  readonly agent: string;
}

export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Whatever could move a cursor, turn a line around, or make two lines of one. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A text from outside as it may be shown in one line; `''` for what is no text. */
export const wordOf = (value: unknown, mostCharacters = 200): string =>
  typeof value === 'string' ? value.slice(0, mostCharacters).replace(UNPRINTABLE, '\ufffd') : '';

export const timeOf = (value: unknown): number =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)$/.test(value)
    ? Date.parse(value.replace(/(\.\d{3})\d+/, '$1'))
    : Number.NaN;
