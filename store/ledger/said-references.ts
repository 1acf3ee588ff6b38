import { z } from 'zod';
import {
  type NamedReferences,
  NO_REFERENCE,
  nextReference,
  type ReferenceEvent,
} from '../../domain/credential-reference';
import type { Instant, LedgerIndex, Sha256Hex } from '../../domain/ids';
import { isOf } from './line';

const instant = z.custom<Instant>((value) => typeof value === 'string');
const index = z.int().transform((value) => value as LedgerIndex);
const digest = z.custom<Sha256Hex>((value) => typeof value === 'string');
const who = { at: instant, actor: z.object({ name: z.string() }) };

const registered = z.object({
  ...who,
  body: z.object({
    name: z.string(),
    provider: z.enum(['aws-kms', 'azure-key-vault']),
    key: z.string(),
    identity: z.string(),
    locatorSha256: digest,
    notAfter: instant,
    after: index.nullable(),
    proofSha256: digest,
  }),
});
const confirmed = z.object({
  ...who,
  body: z.object({ name: z.string(), registration: index, proofSha256: digest }),
});
const withdrawn = z.object({ body: z.object({ name: z.string() }) });

/**
 * Where each name stands with this line too. Who did it is the entry's actor; a line that the rule of two people
 * wouldn't have let in moves nothing.
 * @throws SyntaxError, ZodError for a line that no commit of ours wrote
 */
export function referencesWith(said: NamedReferences, at: number, line: string): NamedReferences {
  const found = eventIn(line, at as LedgerIndex);
  if (found === null) return said;
  const next = nextReference(said.get(found.name) ?? NO_REFERENCE, found.event);
  return typeof next === 'string' ? said : new Map(said).set(found.name, next);
}

function eventIn(line: string, at: LedgerIndex): { name: string; event: ReferenceEvent } | null {
  if (isOf(line, 'reference-registered')) {
    const entry = registered.parse(JSON.parse(line));
    const registration = { ...entry.body, by: entry.actor.name, at: entry.at, index: at };
    return { name: registration.name, event: { type: 'reference-registered', registration } };
  }
  if (isOf(line, 'reference-confirmed')) {
    const entry = confirmed.parse(JSON.parse(line));
    const { name, ...body } = entry.body;
    const confirmation = { ...body, by: entry.actor.name, at: entry.at, index: at };
    return { name, event: { type: 'reference-confirmed', confirmation } };
  }
  if (isOf(line, 'reference-withdrawn')) {
    const { name } = withdrawn.parse(JSON.parse(line)).body;
    return { name, event: { type: 'reference-withdrawn', index: at } };
  }
  return null;
}
