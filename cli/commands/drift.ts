import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { forOrganization } from '../options';

/** `smsk drift check` */
export const drift: AddCommand = (program, act) => {
  const group = program.command('drift').description('whether what was set up still is as it was');
  act(
    forOrganization(group.command('check')).description(
      'have the key probed now, in full, without waiting for its turn; `smsk status` shows what was found',
    ),
    check,
  );
};

async function check({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const started = await client.checkDrift(org);
  return {
    json: started,
    text: `${org} is being probed. What stands is in its status: smsk status --org ${org}\n`,
    exitCode: EXIT.ok,
  };
}
