import type { AddCommand, Outcome, Run } from '../command';
import { forOrganization } from '../options';
import { statusText } from '../words/status';

/** `smsk status` */
export const status: AddCommand = (program, act) => {
  act(
    forOrganization(program.command('status')).description(
      'where it stands, who is awaited, and what you may do now',
    ),
    show,
  );
};

async function show({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const answer = await client.status(org);
  return { json: answer, text: statusText(answer) };
}
