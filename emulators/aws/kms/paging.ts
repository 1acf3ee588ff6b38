import { AwsError } from '../wire/aws-error';
import { type Input, integer, text } from './fields';

/** KMS lists: at most `Limit`, and a marker that's good for the next page. */
export function page<T>(
  input: Input,
  all: readonly T[],
  usual: number,
): { items: readonly T[]; rest: Record<string, unknown> } {
  const limit = integer(input, 'Limit', 1, 1000) ?? usual;
  const marker = text(input, 'Marker', { min: 1, max: 1024 });
  const start = marker === undefined ? 0 : Number(Buffer.from(marker, 'base64').toString('latin1'));
  if (!Number.isInteger(start) || start < 0) throw new AwsError('InvalidMarkerException', '');
  const end = start + limit;
  const rest =
    end < all.length
      ? { Truncated: true, NextMarker: Buffer.from(String(end)).toString('base64') }
      : { Truncated: false };
  return { items: all.slice(start, end), rest };
}
