import type { AddCommand, Outcome, Run } from '../command';
import { type ActionOptions, follow, openOperation } from '../follow';
import { asAction } from '../options';
import { presentDigest } from '../present-digest';

/** `smsk review` */
export const review: AddCommand = (program, act) => {
  act(
    asAction(program.command('review'))
      .option('--digest <hex>', 'of the plan that was reviewed; the present one, unless given')
      .option('--note <text>', 'one line for the record')
      .description('record that the plan was reviewed with the customer (support)'),
    record,
  );
};

async function record(
  run: Run,
  options: ActionOptions & { digest?: string; note?: string },
): Promise<Outcome> {
  const { client } = run;
  const { org, note, idempotencyKey } = options;
  const { status, operation, planDigest } = await openOperation(client, org);
  const accepted = await client.reviewDryRun(
    org,
    {
      operationId: operation.id,
      planDigest: options.digest ?? presentDigest(org, planDigest),
      ...(note === undefined ? {} : { note }),
    },
    { idempotencyKey },
  );
  return follow(run, accepted, status, options, 'review recorded');
}
