import type { StatusView } from '../../api/client';
import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { type ActionOptions, type Done, follow, openOperation } from '../follow';
import { asAction } from '../options';
import { presentDigest } from '../present-digest';
import { operationName } from '../words/operation';

/** Sealing proves for over a minute that the operator's former key refuses. */
const WAIT_S = 300;

/** `smsk live` */
export const live: AddCommand = (program, act) => {
  act(
    asAction(program.command('live'), WAIT_S)
      .option('--digest <hex>', 'of the approved plan; the present one, unless given')
      .description('carry out the approved plan of the open operation'),
    launch,
  );
};

async function launch(run: Run, options: ActionOptions & { digest?: string }): Promise<Outcome> {
  const { client } = run;
  const { org, idempotencyKey } = options;
  const { status, operation, planDigest } = await openOperation(client, org);
  const done: Done = ({ operation: now }) => now?.stage === 'handoff' || isBack(now?.stage);
  const accepted = await client.launchLive(
    org,
    { operationId: operation.id, planDigest: options.digest ?? presentDigest(org, planDigest) },
    { idempotencyKey },
  );
  const said = `live ${operationName(operation.kind)}`;
  const outcome = await follow(run, accepted, status, options, said, done);
  const { operation: now } = (outcome.json as { status: StatusView }).status;
  return { ...outcome, exitCode: isSwitched(now) ? EXIT.ok : EXIT.refused };
}

const isSwitched = (operation: StatusView['operation']): boolean =>
  operation?.stage === 'sealing' || operation?.stage === 'handoff' || operation?.outcome === 'completed';

/** The plan wasn't carried out: the operation went back to where it can be mended. */
const isBack = (stage: string | undefined): boolean => stage === 'dry-run' || stage === 'verification';
