import { type Accepted, ApiRefused, type Client, type StatusView } from '../api/client';
import { type Code, isCode } from '../domain/codes';
import { isApproved } from '../domain/custody';
import type { Outcome, Run } from './command';
import { EXIT, type ExitCode } from './exit-codes';
import { Declined } from './failure';
import { awaitedText, codeText, endText, headline, verificationText } from './words/status';

const POLL_MS = 250;
export const DEFAULT_WAIT_S = 30;

export interface ActionOptions {
  readonly org: string;
  readonly idempotencyKey?: string;
  /** Seconds, as typed. */
  readonly wait: string;
}

/** The open operation a message is for, of any kind that people approve. @throws Declined where there's none. */
export async function openOperation(client: Client, org: string) {
  const status = await client.status(org);
  const { operation } = status;
  if (operation === null || !isApproved(operation.kind) || operation.stage === 'closed')
    throw new Declined(
      `${org} has no open operation`,
      `start one: \`smsk activate --org ${org}\`, \`smsk connection change --org ${org}\`, or \`smsk offboard start --org ${org}\``,
    );
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
  const refusals = await refusedSince(client, options.org, before.ledgerSize);
  return {
    json: { accepted, done: isDone, refusals, status },
    ...told(status, before, said, isDone, refusals),
  };
}

/** The operation ended otherwise than it was asked to. */
const isOver = (now: StatusView, before: StatusView): boolean =>
  now.operation?.stage === 'closed' && before.operation?.stage !== 'closed';

/** Codes of what the ledger has as refused since then; none for a token that may not read it. */
async function refusedSince(client: Client, org: string, from: number): Promise<readonly Code[]> {
  const page = await client.ledger(org, from).catch((error: unknown) => {
    if (error instanceof ApiRefused) return null;
    throw error;
  });
  return (page?.entries ?? []).flatMap(({ entry }) => {
    const { type, body } = JSON.parse(entry) as { type: string; body: { code?: string; reason?: string } };
    const code = type === 'refusal' ? body.code : type === 'plan-invalidated' ? body.reason : undefined;
    return code !== undefined && isCode(code) ? [code] : [];
  });
}

function told(
  status: StatusView,
  before: StatusView,
  said: string,
  isDone: boolean,
  refusals: readonly Code[],
): { text: string; exitCode?: ExitCode } {
  const { verification } = status;
  const isNew = verification !== null && verification.ledgerIndex !== before.verification?.ledgerIndex;
  const findings = isNew ? verificationText(verification) : '';
  const isClean =
    !isNew || (verification.trouble === null && verification.findings.every(({ result }) => result === 'ok'));
  const end = isOver(status, before) ? endText(status) : null;
  const lines = [
    `${status.organization.name}: ${said}${isDone ? '' : ' (accepted, still running)'}`,
    ...(findings === '' ? [] : [findings.trimEnd()]),
    ...refusals.map((code) => `  refused    ${codeText(code)}`),
    ...(end === null ? [] : [`  because    ${end}`]),
    `  now        ${headline(status)}`,
    `  awaited    ${awaitedText(status) ?? 'nobody'}`,
  ];
  const isRefused = !isClean || refusals.length > 0 || end !== null;
  return { text: `${lines.join('\n')}\n`, ...(isRefused ? { exitCode: EXIT.refused } : {}) };
}
