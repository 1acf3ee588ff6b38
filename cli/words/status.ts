import type { FindingView, StatusView } from '../../api/client';
import { OWNER_TEXT } from '../../domain/attribution-words';
import { type Code, describeCode, isCode } from '../../domain/codes';
import { isApproved } from '../../domain/custody';
import { SWITCHED } from '../../domain/operation-words';
import { approvalsText } from './approvals';
import { connectionRows } from './connection';
import { operationName } from './operation';
import { rotationText } from './rotation';
import { fields, table } from './table';

/** Everything the status says, for people. */
export function statusText(status: StatusView): string {
  const {
    organization,
    operation,
    connection,
    platformKey,
    incident,
    plan,
    verification,
    keys,
    behind,
    audit,
  } = status;
  const head = `${organization.name}: ${headline(status)}\n`;
  const facts = fields([
    ['awaited', awaitedText(status)],
    ['because', endText(status)],
    ['custody', custodyText(status)],
    ['posture', status.posture],
    ['operation', operation && operationText(operation)],
    ...(connection === null ? [] : connectionRows(connection.input, connection.pinnedKeyRef)),
    ...newConnectionRows(status),
    ['plan', plan && `${plan.digest} (${approvalsText(plan, operation?.kind)})`],
    ['our key', platformKey && platformKeyText(platformKey)],
    ['rotation', keys.rotation && rotationText(keys.rotation)],
    ['rotate', keys.due && `due (${keys.due}); starts by itself`],
    ...keys.keyRefs.flatMap(retiredRow),
    [
      'incident',
      incident && `${incident.code} since ${incident.since}, ${incident.refusals} refused operations`,
    ],
    ['', incident?.owner && OWNER_TEXT[incident.owner]],
    ['', incident && `${incident.text} ${incident.remedy}`],
    ...warningRows(status),
    ...driftRows(status),
    ...orderRows(status),
    [
      '',
      incident?.answeredAt && `answers again since ${incident.answeredAt}; it is proved before it is closed`,
    ],
    ['ledger', `${status.ledgerSize} entries`],
    ...(audit?.findings ?? []).flatMap(({ finding, text, remedy }): [string, string][] => [
      ['audit', finding],
      ['', `${text} ${remedy}`],
    ]),
    [
      '',
      behind && `${behind.relation}: ${behind.entries} entries of ${behind.signedEntries} that were signed`,
    ],
    ['', behind && `${behind.text} ${behind.remedy}`],
    ['id', organization.id],
  ]);
  const findings =
    verification === null
      ? ''
      : `\nLast verification, ${verification.at} (ledger ${verification.ledgerIndex})\n${verificationText(verification)}`;
  return `${head}${facts}${findings}\n${actionsText(status.actions)}`;
}

/** What the open operation is to move to. */
function newConnectionRows({ newConnection }: StatusView): [string, string | null][] {
  if (newConnection === null) return [];
  const rows = connectionRows(newConnection.input, newConnection.pinnedKeyRef);
  return rows.map(([name, value]) => [`new ${name}`, value]);
}

function warningRows({ warnings }: StatusView): [string, string][] {
  if (warnings === null) return [['credentials', 'when they end can’t be told now; ask again']];
  return warnings.flatMap(({ code, credential, end, owner, text, remedy }): [string, string][] => [
    ['warning', `${code}: ${credential}, ${end}`],
    ['', OWNER_TEXT[owner]],
    ['', `${text} ${remedy}`],
  ]);
}

function orderRows({ entitlement }: StatusView): [string, string][] {
  if (entitlement === null) return [];
  const { state, orderRef, at, text, remedy } = entitlement;
  const when = at === null ? '' : state === 'ending' ? `, ${at}` : ` since ${at}`;
  return [
    ['order', `${orderRef === null ? '' : `${orderRef}: `}${state}${when}`],
    ['', `${text} ${remedy}`],
  ];
}

function driftRows({ drift }: StatusView): [string, string][] {
  return drift.flatMap(({ aspect, code, keyRef, owner, since, text, remedy }): [string, string][] => [
    [
      aspect === 'version' ? 'rotation' : 'warning',
      `${code} since ${since}${keyRef === null ? '' : `: ${keyRef}`}`,
    ],
    ...(aspect === 'version' ? [] : [['', OWNER_TEXT[owner]] as [string, string]]),
    ['', `${text} ${remedy}`],
  ]);
}

/** A version of the customer's key that nothing live needs any more. */
function retiredRow({ keyRef, safeToDisable }: StatusView['keys']['keyRefs'][number]): [string, string][] {
  return safeToDisable === null ? [] : [['not needed', `${keyRef}: safe to disable (\`smsk keys\`)`]];
}

/** Where it stands, in a few words. */
export function headline({ stage, operation, custody, sealing }: StatusView): string {
  if (sealing) return 'live, sealing: the operator’s former key is being proved dead';
  if (operation !== null && isApproved(operation.kind) && operation.stage === 'sealing')
    return `${operationName(operation.kind)}, switched: ${SWITCHED[operation.kind].follows}`;
  if (operation !== null && isApproved(operation.kind) && operation.stage !== 'closed')
    return `${operationName(operation.kind)} at stage ${stage}`;
  if (custody === 'customer') return 'active: the customer’s key holds';
  if (operation?.kind === 'offboard' && operation.outcome === 'completed')
    return 'offboarded: a new key of the operator’s holds';
  const ended = operation?.kind === 'activate' && operation.outcome !== null;
  return ended ? `not active; the last activation was ${operation.outcome}` : 'not active';
}

/** Why the last operation that people approve ended otherwise than well, and what to do; null where it didn't. */
export function endText({ operation }: StatusView): string | null {
  const reason = operation !== null && isApproved(operation.kind) ? operation.reason : null;
  return reason !== null && isCode(reason) ? codeText(reason) : null;
}

/** A code in words: what happened, what to do. */
export function codeText(code: Code): string {
  const { text, remedy } = describeCode(code);
  return `${code}: ${text} ${remedy}`;
}

/** Who is awaited, what for, since when; null where nobody is. */
export function awaitedText({ awaiting }: StatusView): string | null {
  return awaiting === null ? null : `${awaiting.who}, since ${awaiting.since}: ${awaiting.what}`;
}

/** What was found, or why nothing could be. */
export function verificationText({ findings, trouble }: NonNullable<StatusView['verification']>): string {
  if (trouble === null) return findingsText(findings);
  const { code, owner, text, remedy } = trouble;
  return `  FAILED  ${code}, ${OWNER_TEXT[owner]}. ${text} ${remedy}\n`;
}

export function findingsText(findings: readonly FindingView[]): string {
  const rows = findings.map((finding) => [
    finding.result === 'failed' ? 'FAILED' : finding.result,
    finding.result === 'ok' ? finding.check : finding.text,
    ...(finding.requestId === null ? [] : [`[${finding.requestId}]`]),
  ]);
  return `${table(
    rows.map(([result = '', ...rest]) => [result, rest.join(' ')]),
    '  ',
  )}\n`;
}

function custodyText({ custody, currentVersion }: StatusView): string | null {
  return custody === null ? null : `${custody}, workspace key version ${currentVersion ?? 'none'}`;
}

function operationText({ id, kind, stage, outcome, reason }: NonNullable<StatusView['operation']>): string {
  const end = outcome === null ? stage : reason === null ? outcome : `${outcome}: ${reason}`;
  return `${id} (${kind}, ${end})`;
}

function platformKeyText({ keyRef, sealedAt, destroyedAt }: NonNullable<StatusView['platformKey']>): string {
  const sealed = sealedAt === null ? '' : `, sealed ${sealedAt}`;
  const destroyed = destroyedAt === null ? '' : `, gone ${destroyedAt}`;
  return `${keyRef}${sealed}${destroyed}`;
}

function actionsText(actions: StatusView['actions']): string {
  const [first] = actions;
  const isSame = actions.every(({ allowed, reason }) => !allowed && reason === first?.reason);
  if (isSame && first) return `Now, with your token: nothing, because ${first.reason}\n`;
  const rows = actions.map(({ action, allowed, reason }) => [
    allowed ? 'can' : '  -',
    action,
    allowed ? `smsk ${COMMAND_OF[action]}` : (reason ?? ''),
  ]);
  return `Now, with your token\n${table(rows, '  ')}\n`;
}

/** The command for each action. */
export const COMMAND_OF: Readonly<Record<StatusView['actions'][number]['action'], string>> = {
  startActivation: 'activate',
  startConnectionChange: 'connection change',
  startOffboarding: 'offboard start',
  submitConnection: 'connection set',
  runVerification: 'verify',
  launchDryRun: 'dry-run',
  reviewDryRun: 'review',
  approve: 'approve',
  reject: 'reject',
  approveOffboarding: 'offboard approve',
  launchLive: 'live',
  recordHandoff: 'handoff',
  cancel: 'cancel',
};
