import type { Run } from './command';
import { EXIT } from './exit-codes';
import { Declined } from './failure';
import { openOperation } from './follow';
import { checkedPlan } from './plan-shape';
import { presentDigest } from './present-digest';
import { planText } from './words/plan';

/**
 * The present plan, checked here and shown to whoever is about to decide on it.
 * @throws Declined where there's none, it is another organization's, it has expired, or can't be shown in full
 */
export async function readPlan({ client, terminal }: Run, org: string) {
  const { status } = await openOperation(client, org);
  const answer = await client.plan(org);
  presentDigest(org, answer.digest);
  const { plan, digest } = checkedPlan(answer.plan, answer.digest);
  if (plan.organization.name !== org || plan.organization.id !== answer.organizationId)
    throw new Declined(
      'the plan is for another organization',
      'don’t sign; tell the operator’s security contact',
    );
  if (Date.parse(plan.expiresAt) <= terminal.now())
    throw new Declined(
      `the plan expired ${plan.expiresAt}`,
      `launch a new dry-run: \`smsk dry-run --org ${org}\``,
    );
  terminal.err(`${planText(plan, digest)}\n`);
  return { status, plan, digest };
}

/** A decision is given by somebody who says so: with the digest, with --yes, or when asked. @throws Declined */
export async function consent(
  { terminal }: Run,
  decision: 'approve' | 'reject',
  digest: string,
  { digest: read, yes }: { readonly digest?: string; readonly yes?: boolean },
): Promise<void> {
  if (read !== undefined && read !== digest)
    throw new Declined(
      `the plan’s digest is ${digest}, not the one you gave`,
      'read the present plan; it was computed anew',
    );
  if (read !== undefined || yes === true) return;
  const answer = await terminal.ask(`Type the first 8 characters of the digest to ${decision} this plan: `);
  if (answer === null) throw new Declined('nobody is here to ask', 'give --digest, or --yes', EXIT.usage);
  if (answer.trim() !== digest.slice(0, 8)) throw new Declined('not signed', 'nothing was sent');
}
