import type { AddCommand, Outcome, Run } from '../command';
import { type ActionOptions, type Done, follow, openOperation } from '../follow';
import { asAction } from '../options';
import { operationName } from '../words/operation';

/** `smsk cancel` */
export const cancel: AddCommand = (program, act) => {
  act(
    asAction(program.command('cancel')).description(
      'end the open operation before its switch; no custody, envelope or key version is changed',
    ),
    end,
  );
};

const closed: Done = (now) => now.operation?.stage === 'closed';

async function end(run: Run, options: ActionOptions): Promise<Outcome> {
  const { client } = run;
  const { org, idempotencyKey } = options;
  const { status, operation } = await openOperation(client, org);
  const accepted = await client.cancel(org, { operationId: operation.id }, { idempotencyKey });
  return follow(run, accepted, status, options, `${operationName(operation.kind)} cancelled`, closed);
}
