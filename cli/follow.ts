import type { Accepted, Client, StatusView } from '../api/client';
import type { Outcome, Run } from './command';
import { EXIT, type ExitCode } from './exit-codes';
import { Declined } from './failure';
import { awaitedText, findingsText, headline } from './words/status';

const POLL_MS = 250;
export const DEFAULT_WAIT_S = 30;

export interface ActionOptions {
  readonly org: string;
  readonly idempotencyKey?: string;
  /** Seconds, as typed. */
  readonly wait: string;
}

/** The open activation a message is for. @throws Declined where there's none. */
export async function openActivation(client: Client, org: string) {
  const status = await client.status(org);
  const { operation } = status;
  if (operation?.kind !== 'activate' || operation.stage === 'closed')
    throw new Declined(`${org} has no open activation`, `start one with \`smsk activate --org ${org}\``);
  return { status, operation, planDigest: status.plan?.digest ?? null };
}

/** Whether what was asked for has been done; until then it's worth waiting. */
export type Done = (now: StatusView, before: StatusView) => boolean;
/** Most actions leave an entry, whatever came of them. */
export const recorded: Done = (now, before) => now.ledgerSize > before.ledgerSize;

/** Waits for what comes of an accepted message, and says it: what happened, where it stands, who is awaited next. */
export async function follow(
  { client, terminal }: Pick<Run, 'client' | 'terminal'>,
  accepted: Accepted,
  before: StatusView,
  options: ActionOptions,
  said: string,
  done: Done = recorded,
): Promise<Outcome> {
  const until = terminal.now() + Number(options.wait) * 1000;
  let status = await client.status(options.org);
  while (!done(status, before) && !isOver(status, before) && terminal.now() < until) {
    await terminal.sleep(POLL_MS);
    status = await client.status(options.org);
  }
  const isDone = done(status, before) || isOver(status, before);
  return { json: { accepted, done: isDone, status }, ...told(status, before, said, isDone) };
}

/** The operation ended otherwise than it was asked to. */
const isOver = (now: StatusView, before: StatusView): boolean =>
  now.operation?.stage === 'closed' && before.operation?.stage !== 'closed';

function told(
  status: StatusView,
  before: StatusView,
  said: string,
  isDone: boolean,
): { text: string; exitCode?: ExitCode } {
  const { verification } = status;
  const isNew = verification !== null && verification.ledgerIndex !== before.verification?.ledgerIndex;
  const findings = isNew ? findingsText(verification.findings) : '';
  const isClean = !isNew || verification.findings.every(({ result }) => result === 'ok');
  const lines = [
    `${status.organization.name}: ${said}${isDone ? '' : ' (accepted, still running)'}`,
    ...(findings === '' ? [] : [findings.trimEnd()]),
    `  now        ${headline(status)}`,
    `  awaited    ${awaitedText(status) ?? 'nobody'}`,
  ];
  return { text: `${lines.join('\n')}\n`, ...(isClean ? {} : { exitCode: EXIT.refused }) };
}
