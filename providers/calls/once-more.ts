import { PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import type { OnRepeated } from '../../domain/ports/provider';

export interface Repeating {
  readonly onRepeated?: OnRepeated | undefined;
  /** Codes that are an answer here, so that a renewed identity wouldn't change them. */
  readonly answers?: readonly ProviderCode[];
}

/** One attempt, and one more with everything renewed where the code table says `once`. */
export async function onceMore<T>(
  attempt: (renew: boolean) => Promise<T>,
  { onRepeated, answers = [] }: Repeating = {},
): Promise<T> {
  try {
    return await attempt(false);
  } catch (failure) {
    const again =
      failure instanceof ProviderFailure &&
      PROVIDER_CODES[failure.code].retry === 'once' &&
      !answers.includes(failure.code);
    if (!again) throw failure;
    if (failure.requestId !== null) onRepeated?.(failure.requestId);
    return attempt(true);
  }
}
