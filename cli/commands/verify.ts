import type { AddCommand, Outcome, Run } from '../command';
import { type ActionOptions, type Done, follow, openOperation } from '../follow';
import { asAction } from '../options';

/** `smsk verify` */
export const verify: AddCommand = (program, act) => {
  act(
    asAction(program.command('verify')).description(
      'probe the connection: wrap, unwrap, and that your role refuses everybody else',
    ),
    run,
  );
};

const verified: Done = (now, before) => now.verification?.ledgerIndex !== before.verification?.ledgerIndex;

async function run(context: Run, options: ActionOptions): Promise<Outcome> {
  const { client } = context;
  const { org, idempotencyKey } = options;
  const { status, operation } = await openOperation(client, org);
  const accepted = await client.runVerification(org, { operationId: operation.id }, { idempotencyKey });
  return follow(context, accepted, status, options, 'verification', verified);
}
