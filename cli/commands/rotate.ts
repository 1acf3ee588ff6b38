import type { KeysView } from '../../api/client';
import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { DEFAULT_WAIT_S } from '../follow';
import { forOrganization, seconds } from '../options';
import { keysText, rotationEnd } from '../words/keys';

interface Options {
  readonly org: string;
  readonly newKeyVersion?: true;
  readonly reason?: string;
  readonly wait: string;
}

/** `smsk rotate` */
export const rotate: AddCommand = (program, act) => {
  act(
    forOrganization(program.command('rotate'))
      .option('--new-key-version', 'mint the workspace key’s next version as well')
      .option('--reason <text>', 'why, for the ledger')
      .option('--wait <seconds>', 'how long to wait for its end', seconds, String(DEFAULT_WAIT_S))
      .description('wrap every live envelope anew under the newest version of the customer’s key'),
    start,
  );
};

/** `smsk keys` */
export const keys: AddCommand = (program, act) => {
  act(
    forOrganization(program.command('keys')).description(
      'which versions of the customer’s key are needed, and which are safe to disable',
    ),
    show,
  );
};

async function start({ client, terminal }: Run, { org, wait, ...wanted }: Options): Promise<Outcome> {
  const before = (await client.keys(org)).rotation?.id;
  await client.startRotation(org, wanted);
  const until = terminal.now() + Number(wait) * 1000;
  let answer = await client.keys(org);
  const isOver = ({ rotation }: KeysView) =>
    rotation !== null && rotation.id !== before && rotation.outcome !== null;
  while (!isOver(answer) && terminal.now() < until) {
    await terminal.sleep(250);
    answer = await client.keys(org);
  }
  if (!isOver(answer)) {
    return { json: answer, text: `${org}: rotation started (still running)\n${keysText(answer)}` };
  }
  const isRefused = answer.rotation?.outcome !== 'completed';
  const end = rotationEnd(answer);
  const because = end === null ? '' : `  because   ${end}\n`;
  return {
    json: answer,
    text: `${org}: rotation ${answer.rotation?.outcome ?? ''}\n${because}${keysText(answer)}`,
    exitCode: isRefused ? EXIT.refused : EXIT.ok,
  };
}

async function show({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const answer = await client.keys(org);
  return { json: answer, text: `${org}\n${keysText(answer)}` };
}
