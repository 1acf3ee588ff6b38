import type { AddCommand, Outcome, Run } from '../command';
import { readTextFile } from '../command';
import { forOrganization } from '../options';
import { fields } from '../words/table';

/** `smsk order submit` */
export const order: AddCommand = (program, act) => {
  const group = program.command('order').description('signed orders and withdrawals');
  act(
    forOrganization(group.command('submit'))
      .argument('[file]', 'file with the JWS; without one it’s read from standard input')
      .description('record what the commerce system signed'),
    submit,
  );
};

async function submit(
  { client, terminal }: Run,
  file: string | undefined,
  { org }: { org: string },
): Promise<Outcome> {
  const text =
    file === undefined || file === '-'
      ? new TextDecoder().decode(await terminal.readBytes())
      : readTextFile(file, 'the order');
  const accepted = await client.submitOrder(org, text.trim());
  const { kind, orderRef, seq, expiresAt, recorded } = accepted;
  const what = recorded.replayed ? 'was on record already' : `recorded in ledger entry ${recorded.index}`;
  return {
    json: accepted,
    text: `${org}: ${kind} ${orderRef} ${what}\n${fields([
      ['sequence', seq],
      ['expires', expiresAt],
      ['next', kind === 'order' ? 'enrol the approval key it names, then `smsk activate`' : null],
    ])}`,
  };
}
