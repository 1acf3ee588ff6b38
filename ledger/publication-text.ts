import { z } from 'zod';
import { canonicalJson } from '../domain/canonical';
import type { LedgerIndex } from '../domain/ids';
import { organizationId } from '../domain/intake/fields';
import { PublicationUnusable, type PublishedPart } from '../domain/ports/publication';
import { fromBase64, toBase64 } from './verify/encoding';

const header = z.strictObject({
  type: z.literal('smsk-publication/v1'),
  organization: organizationId,
  from: z.int().nonnegative(),
  size: z.int().positive(),
  frontier: z.string(),
  checkpoint: z.string(),
  texts: z.int().nonnegative(),
});
const text = z.strictObject({
  index: z
    .int()
    .nonnegative()
    .transform((index) => index as LedgerIndex),
  kind: z.string(),
  text: z.string(),
});

/**
 * One published part as lines of JSON: a header, the texts that its entries have by digest, the entries as they stand
 * in the ledger. Inverse: {@link parsePart}.
 */
export function formatPart({ frontier, texts, lines, ...part }: PublishedPart): string {
  const first = canonicalJson({
    type: 'smsk-publication/v1',
    ...part,
    frontier: toBase64(frontier),
    texts: texts.length,
  });
  return [first, ...texts.map((each) => canonicalJson({ ...each })), ...lines, ''].join('\n');
}

/** @throws PublicationUnusable unless {@link formatPart} could have written it: cut off anywhere, it isn't. */
export function parsePart(file: string): PublishedPart {
  const [first = '', ...rest] = file.split('\n');
  try {
    const { type: _, texts, frontier: encoded, ...part } = header.parse(JSON.parse(first));
    const frontier = fromBase64(encoded);
    const lines = rest.slice(texts, -1);
    if (frontier === undefined || rest.at(-1) !== '' || lines.length !== part.size - part.from)
      throw new PublicationUnusable('cut off');
    return {
      ...part,
      frontier,
      texts: rest.slice(0, texts).map((each) => text.parse(JSON.parse(each))),
      lines,
    };
  } catch {
    throw new PublicationUnusable('a published part isn’t of our form');
  }
}
