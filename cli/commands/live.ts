import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { type ActionOptions, type Done, follow, openActivation } from '../follow';
import { asAction } from '../options';
import { presentDigest } from '../present-digest';

/** Sealing proves for over a minute that the operator's former key refuses. */
const WAIT_S = 300;

/** `smsk live` */
export const live: AddCommand = (program, act) => {
  act(
    asAction(program.command('live'), WAIT_S)
      .option('--digest <hex>', 'of the approved plan; the present one, unless given')
      .description('carry out the approved plan: from the operator’s key to the customer’s'),
    launch,
  );
};

async function launch(run: Run, options: ActionOptions & { digest?: string }): Promise<Outcome> {
  const { client } = run;
  const { org, idempotencyKey } = options;
  const { status, operation, planDigest } = await openActivation(client, org);
  const done: Done = (now) => now.operation?.stage === 'handoff' || isBack(now.operation?.stage);
  const accepted = await client.launchLive(
    org,
    { operationId: operation.id, planDigest: options.digest ?? presentDigest(org, planDigest) },
    { idempotencyKey },
  );
  const outcome = await follow(run, accepted, status, options, 'live activation', done);
  const { status: now } = outcome.json as { status: { custody: string | null } };
  return { ...outcome, exitCode: now.custody === 'customer' ? EXIT.ok : EXIT.refused };
}

/** The plan wasn't carried out: the operation went back to where it can be mended. */
const isBack = (stage: string | undefined): boolean => stage === 'dry-run' || stage === 'verification';
