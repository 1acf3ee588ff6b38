import type { Command } from 'commander';
import type { ApprovedKind } from '../domain/custody';
import { FIRST_STAGE } from '../domain/stages';
import type { Outcome, Run } from './command';
import { EXIT } from './exit-codes';
import { DEFAULT_WAIT_S } from './follow';
import { seconds } from './options';
import { operationName } from './words/operation';
import { awaitedText, endText, headline } from './words/status';

export interface StartOptions {
  readonly org: string;
  /** Seconds, as typed. */
  readonly wait: string;
}

export const withWait = (command: Command): Command =>
  command.option('--wait <seconds>', 'how long to wait for its first stage', seconds, String(DEFAULT_WAIT_S));

/** Starts an operation that people approve, and waits until a worker has taken it up, or refused it. */
export async function startOperation(
  { client, terminal }: Run,
  { org, wait }: StartOptions,
  kind: ApprovedKind,
  start: (organization: string) => Promise<unknown>,
): Promise<Outcome> {
  const before = (await client.status(org)).operation?.id;
  await start(org);
  const until = terminal.now() + Number(wait) * 1000;
  let status = await client.status(org);
  const isUnderWay = () => status.operation?.id !== before && status.operation?.stage !== FIRST_STAGE[kind];
  while (!isUnderWay() && terminal.now() < until) {
    await terminal.sleep(250);
    status = await client.status(org);
  }
  const end = isUnderWay() && status.operation?.stage === 'closed' ? endText(status) : null;
  const name = operationName(kind);
  const started = isUnderWay() ? `${name} started` : `${name} started; no worker has taken it up yet`;
  const lines = [
    `${org}: ${end === null ? started : `${name} refused`}`,
    ...(end === null ? [] : [`  because    ${end}`]),
    `  now        ${headline(status)}`,
    `  awaited    ${awaitedText(status) ?? 'nobody'}`,
  ];
  return { json: status, text: `${lines.join('\n')}\n`, exitCode: end === null ? EXIT.ok : EXIT.refused };
}
