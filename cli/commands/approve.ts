import { APPROVAL_TYP } from '../../domain/approval';
import type { JsonObject } from '../../domain/canonical';
import type { AddCommand, Outcome, Run } from '../command';
import { type ActionOptions, follow } from '../follow';
import { localKey } from '../keys';
import { asAction } from '../options';
import type { ShownPlan } from '../plan-shape';
import { consent, readPlan } from '../read-plan';

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
  const { status, plan, digest } = await readPlan(run, org);
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
