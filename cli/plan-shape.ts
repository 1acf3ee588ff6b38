import { z } from 'zod';
import { connectionInput } from '../domain/connection';
import { type Plan, planDigest } from '../domain/plan';
import { Declined } from './failure';

/** Nothing that could move the cursor or hide a part of the line from whoever reads before signing. */
const text = z.string().regex(/^[\x20-\x7e]{1,600}$/);
const frame = z.strictObject({
  type: z.literal('smsk-plan/v1'),
  deployment: text,
  organization: z.strictObject({ id: text, name: text }),
  operationId: text,
  dryRunId: text,
  computedAt: text,
  expiresAt: text,
  rewrap: z.array(z.strictObject({ version: z.int(), envelopeSha256: text, checkValue: text })),
});
/** Of plans that move to a key of the customer's. */
const toCustomer = frame.extend({
  order: z.strictObject({ orderRef: text, digest: text }),
  connection: z.strictObject({
    id: text,
    digest: text,
    /** Its grammars have no room for more than `text` has. */
    input: connectionInput,
    keyRef: text,
    verifiedBy: z.int(),
  }),
  mint: z.int(),
});
const former = z.strictObject({ id: text, digest: text, keyRef: text });
/** Exactly the members that `words/plan.ts` shows: a plan with another is not signed, because nobody saw it. */
const shownPlan = z.discriminatedUnion('kind', [
  toCustomer.extend({
    kind: z.literal('activate'),
    custody: z.strictObject({ from: z.literal('platform'), to: z.literal('customer') }),
    platformKey: z.strictObject({ keyRef: text, deletionWindowDays: z.int(), destroyedBy: text }),
  }),
  toCustomer.extend({
    kind: z.literal('change-connection'),
    from: former,
    custody: z.strictObject({ from: z.literal('customer'), to: z.literal('customer') }),
  }),
  frame.extend({
    kind: z.literal('offboard'),
    from: former,
    custody: z.strictObject({ from: z.literal('customer'), to: z.literal('platform') }),
    platformKey: z.literal('new'),
    startedBy: z.strictObject({ kind: text, name: text }),
    approvals: z.tuple([z.literal('customer'), z.literal('operator')]),
  }),
]);
export type ShownPlan = z.infer<typeof shownPlan>;

/**
 * A plan as the server sent it, with the digest computed here, from the plan itself.
 * @throws Declined where the server's digest is another, or the plan has members this version can't show.
 */
export function checkedPlan(sent: unknown, serverDigest: string | null): { plan: ShownPlan; digest: string } {
  const parsed = shownPlan.safeParse(sent);
  if (!parsed.success) {
    throw new Declined(
      'the plan isn’t of the form this version of smsk can show in full',
      'update smsk; never sign what it doesn’t show',
    );
  }
  const digest = planDigest(parsed.data as unknown as Plan);
  if (digest !== serverDigest) {
    throw new Declined(
      `the plan’s digest is ${digest}, the server says ${serverDigest ?? 'none'}`,
      'don’t sign; tell the operator’s security contact, and keep the output of `smsk plan show --json`',
    );
  }
  return { plan: parsed.data, digest };
}
