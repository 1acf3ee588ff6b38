import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { type ActionOptions, type Done, follow, openOperation } from '../follow';
import { asAction } from '../options';
import { blockersText } from './plan';

/** `smsk dry-run` */
export const dryRun: AddCommand = (program, act) => {
  act(
    asAction(program.command('dry-run')).description(
      'compute what the open operation would do, as a plan with a digest; changes nothing',
    ),
    launch,
  );
};

async function launch(run: Run, options: ActionOptions): Promise<Outcome> {
  const { client } = run;
  const { org, idempotencyKey } = options;
  const { status, operation } = await openOperation(client, org);
  const done: Done = (now, before) => now.ledgerSize > before.ledgerSize;
  const accepted = await client.launchDryRun(
    org,
    { operationId: operation.id, dryRun: true },
    { idempotencyKey },
  );
  const outcome = await follow(run, accepted, status, options, 'dry-run', done);
  const plan = await client.plan(org);
  const isClean = plan.digest !== null && plan.blockers.length === 0;
  const result = isClean
    ? `  plan       ${plan.digest}; read it with \`smsk plan show --org ${org}\`\n`
    : blockersText(plan);
  return {
    json: { ...(outcome.json as object), plan },
    text: outcome.text + result,
    exitCode: isClean ? EXIT.ok : EXIT.refused,
  };
}
