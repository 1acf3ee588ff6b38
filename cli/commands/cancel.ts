import type { AddCommand, Outcome, Run } from '../command';
import { type ActionOptions, type Done, follow, openActivation } from '../follow';
import { asAction } from '../options';

/** `smsk cancel` */
export const cancel: AddCommand = (program, act) => {
  act(
    asAction(program.command('cancel')).description(
      'end the activation before its switch; no custody, envelope or key version is changed',
    ),
    end,
  );
};

const closed: Done = (now) => now.operation?.stage === 'closed';

async function end(run: Run, options: ActionOptions): Promise<Outcome> {
  const { client } = run;
  const { org, idempotencyKey } = options;
  const { status, operation } = await openActivation(client, org);
  const accepted = await client.cancel(org, { operationId: operation.id }, { idempotencyKey });
  return follow(run, accepted, status, options, 'activation cancelled', closed);
}
