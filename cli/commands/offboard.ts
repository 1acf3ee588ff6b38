import type { AddCommand, Outcome, Run } from '../command';
import { Declined } from '../failure';
import { type ActionOptions, follow, openOperation } from '../follow';
import { asAction, forOrganization } from '../options';
import { consent, readPlan } from '../read-plan';
import { type StartOptions, startOperation, withWait } from '../start';
import { operationName } from '../words/operation';

/** `smsk offboard start|approve` */
export const offboard: AddCommand = (program, act) => {
  const group = program
    .command('offboard')
    .description('the way back from the customer’s key to one of the operator’s');
  act(
    withWait(forOrganization(group.command('start'))).description(
      'start an offboarding, which needs a key that answers (support); then `smsk dry-run`',
    ),
    (run: Run, options: StartOptions) =>
      startOperation(run, options, 'offboard', run.client.startOffboarding),
  );
  act(
    asAction(group.command('approve'))
      .option('--digest <hex>', 'of the plan you read; anything else is not approved')
      .option('--yes', 'approve without asking')
      .description(
        'show the plan that the customer has signed, and approve it for the operator (approver, not the starter)',
      ),
    approve,
  );
};

interface ApproveOptions extends ActionOptions {
  readonly digest?: string;
  readonly yes?: boolean;
}

async function approve(run: Run, options: ApproveOptions): Promise<Outcome> {
  const { client } = run;
  const { org, idempotencyKey } = options;
  const { operation } = await openOperation(client, org);
  if (operation.kind !== 'offboard')
    throw new Declined(
      `${org} has no open offboarding, but an open ${operationName(operation.kind)}`,
      'only an offboarding is approved for the operator',
    );
  const { status, plan, digest } = await readPlan(run, org);
  await consent(run, 'approve', digest, options);
  const accepted = await client.approveOffboarding(
    org,
    { operationId: plan.operationId, planDigest: digest },
    { idempotencyKey },
  );
  return follow(run, accepted, status, options, 'plan approved for the operator');
}
