import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { DEFAULT_WAIT_S } from '../follow';
import { forOrganization, seconds } from '../options';
import { awaitedText, endText, headline } from '../words/status';

/** `smsk activate` */
export const activate: AddCommand = (program, act) => {
  act(
    forOrganization(program.command('activate'))
      .option('--wait <seconds>', 'how long to wait for its first stage', seconds, String(DEFAULT_WAIT_S))
      .description('start the activation of a customer-held key'),
    start,
  );
};

async function start(
  { client, terminal }: Run,
  { org, wait }: { org: string; wait: string },
): Promise<Outcome> {
  const before = (await client.status(org)).operation?.id;
  await client.startActivation(org);
  const until = terminal.now() + Number(wait) * 1000;
  let status = await client.status(org);
  const isUnderWay = () => status.operation?.id !== before && status.operation?.stage !== 'entitlement';
  while (!isUnderWay() && terminal.now() < until) {
    await terminal.sleep(250);
    status = await client.status(org);
  }
  const end = isUnderWay() && status.operation?.stage === 'closed' ? endText(status) : null;
  const started = isUnderWay() ? 'activation started' : 'activation started; no worker has taken it up yet';
  const lines = [
    `${org}: ${end === null ? started : 'activation refused'}`,
    ...(end === null ? [] : [`  because    ${end}`]),
    `  now        ${headline(status)}`,
    `  awaited    ${awaitedText(status) ?? 'nobody'}`,
  ];
  return { json: status, text: `${lines.join('\n')}\n`, exitCode: end === null ? EXIT.ok : EXIT.refused };
}
