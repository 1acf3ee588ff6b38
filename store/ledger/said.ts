import { z } from 'zod';
import type { NamedReferences } from '../../domain/credential-reference';
import type { Instant } from '../../domain/ids';
import { isOf } from './line';
import { referencesWith } from './said-references';

/** An order or withdrawal that the ledger says was accepted. */
export interface SaidOrder {
  readonly sha256: string;
  readonly seq: number;
  readonly kind: 'order' | 'withdrawal';
  readonly orderRef: string;
}

/** An approval key that the ledger says was enrolled, at which entry and on whose word. */
export interface SaidKey {
  readonly index: number;
  readonly credentialId: string;
  readonly publicX: string;
  readonly enrolledAt: Instant;
  /** The enrolled key that vouched for it; `null` for one that an order names. */
  readonly by: string | null;
  readonly enrolmentSha256: string | null;
}

/** What an organization's ledger says of who is entitled, who may approve and which credentials count, in its order. */
export interface Said {
  readonly orders: readonly SaidOrder[];
  readonly keys: readonly SaidKey[];
  readonly removals: ReadonlyMap<string, { readonly index: number; readonly at: Instant }>;
  readonly references: NamedReferences;
}

export const NOTHING_SAID: Said = { orders: [], keys: [], removals: new Map(), references: new Map() };

const instant = z.custom<Instant>((value) => typeof value === 'string');
const accepted = z.object({
  body: z.object({
    jwsSha256: z.string(),
    seq: z.int(),
    kind: z.enum(['order', 'withdrawal']),
    orderRef: z.string(),
  }),
});
const enrolled = z.object({
  body: z.object({
    key: z.object({
      credentialId: z.string(),
      publicJwk: z.object({ x: z.string() }),
      enrolledAt: instant,
      enrolmentSha256: z.string().optional(),
    }),
    by: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('order') }),
      z.object({ kind: z.literal('approver'), credentialId: z.string() }),
    ]),
  }),
});
const removed = z.object({ at: instant, body: z.object({ credentialId: z.string() }) });

/**
 * What is said with this line too. By the line's own text: the columns beside it are anybody's who can write rows.
 * @throws SyntaxError, ZodError for a line that no commit of ours wrote
 */
export function saidWith(said: Said, index: number, line: string): Said {
  if (isOf(line, 'order-accepted')) {
    const { jwsSha256: sha256, ...order } = accepted.parse(JSON.parse(line)).body;
    return { ...said, orders: [...said.orders, { sha256, ...order }] };
  }
  if (isOf(line, 'approver-enrolled')) {
    const { key, by } = enrolled.parse(JSON.parse(line)).body;
    const { credentialId, publicJwk, enrolledAt, enrolmentSha256 = null } = key;
    const voucher = by.kind === 'approver' ? by.credentialId : null;
    const one = { index, credentialId, publicX: publicJwk.x, enrolledAt, by: voucher, enrolmentSha256 };
    return { ...said, keys: [...said.keys, one] };
  }
  if (isOf(line, 'approver-removed')) {
    const { at, body } = removed.parse(JSON.parse(line));
    if (said.removals.has(body.credentialId)) return said;
    return { ...said, removals: new Map(said.removals).set(body.credentialId, { index, at }) };
  }
  const references = referencesWith(said.references, index, line);
  return references === said.references ? said : { ...said, references };
}
