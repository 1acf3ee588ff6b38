import { APPROVAL_TYP } from '../../domain/approval';
import type { JsonObject } from '../../domain/canonical';
import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';
import { type ActionOptions, follow, openOperation } from '../follow';
import { localKey } from '../keys';
import { asAction } from '../options';
import { checkedPlan, type ShownPlan } from '../plan-shape';
import { presentDigest } from '../present-digest';
import { planText } from '../words/plan';

type Decision = 'approve' | 'reject';

/** `smsk approve`, `smsk reject` */
export const approve: AddCommand = (program, act) => {
  for (const decision of ['approve', 'reject'] as const) {
    act(
      asAction(program.command(decision))
        .requiredOption('--key <file>', 'your approval key; it signs here and is sent nowhere')
        .option('--digest <hex>', 'of the plan you read; anything else is not signed')
        .option('--yes', 'sign without asking')
        .option('--durable', 'store the decision even while no worker is up')
        .description(`show the plan, compute its digest here, and sign that you ${decision} it`),
      (run: Run, options: DecideOptions) => decide(run, decision, options),
    );
  }
};

interface DecideOptions extends ActionOptions {
  readonly key: string;
  readonly digest?: string;
  readonly yes?: boolean;
  readonly durable?: boolean;
}

async function decide(run: Run, decision: Decision, options: DecideOptions): Promise<Outcome> {
  const { client, terminal } = run;
  const { org, durable = false, idempotencyKey } = options;
  const key = await localKey(options.key);
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
  await consent(run, decision, digest, options);
  const jws = await key.sign(
    APPROVAL_TYP,
    payloadOf(plan, digest, decision, key.credentialId, terminal.random(24)),
  );
  const accepted = await client.decide(
    org,
    {
      operationId: plan.operationId,
      planDigest: digest,
      decision,
      evidence: { kind: 'jws', jws },
    },
    { durable, idempotencyKey },
  );
  return follow(run, accepted, status, options, decision === 'approve' ? 'plan approved' : 'plan rejected');
}

/** A signature is given by somebody who says so: with the digest, with --yes, or when asked. */
async function consent(
  { terminal }: Run,
  decision: Decision,
  digest: string,
  { digest: read, yes }: DecideOptions,
) {
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

/** Valid as long as the plan: live looks at the signature again. */
function payloadOf(
  plan: ShownPlan,
  planDigest: string,
  decision: Decision,
  credentialId: string,
  nonce: Uint8Array,
): JsonObject {
  return {
    type: 'smsk-approval/v1',
    deployment: plan.deployment,
    org: plan.organization.id,
    operationId: plan.operationId,
    dryRunId: plan.dryRunId,
    planDigest,
    decision,
    role: 'customer-admin',
    credentialId,
    nonce: Buffer.from(nonce).toString('base64url'),
    exp: Math.floor(Date.parse(plan.expiresAt) / 1000),
  };
}
