import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { findingText } from '../../domain/finding';
import { instantOf } from '../../domain/ids';
import { endedText, SWITCHED } from '../../domain/operation-words';
import { ALLOWED_ACTIONS, awaitedAt, type OperationStage, stageShown } from '../../domain/stages';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes';
import type { OperationStatus } from '../contract/status';
import type { Operation } from './state';

/** What the run says of itself, to the `status` query. */
export function statusOf(operation: Operation): OperationStatus {
  const { organization, standing, dryRun, step, findings, owners, provider, trouble } = operation;
  const stage = standing?.stage ?? null;
  const awaited =
    stage === null || standing?.holdsLock
      ? null
      : awaitedAt(operation.shape.kind, stage, owners, standing?.approved === true);
  return {
    organization,
    operationId: standing?.operationId ?? null,
    stage,
    step,
    awaiting: awaited === null ? null : { ...awaited, since: instantOf(operation.sinceMs) },
    allowedActions: stage === null ? [] : ALLOWED_ACTIONS[operation.shape.kind][stage],
    connectionId: standing?.connectionId ?? null,
    provider,
    findings,
    dryRun:
      dryRun === null
        ? null
        : {
            dryRunId: dryRun.dryRunId,
            planDigest: dryRun.planDigest,
            blockers: dryRun.blockers,
            expiresAt: dryRun.expiresAt,
          },
    trouble,
  };
}

/** Search attributes as last written: each write is an event in the history. */
export type Published = Map<string, string>;

/** Shows where the run stands: details for whoever opens it, search attributes for lists and saved views. */
export function publish(operation: Operation, published: Published): void {
  const status = statusOf(operation);
  setCurrentDetails(detailsOf(operation));
  const stage = status.stage ?? 'entitlement';
  const values = {
    organization: operation.organization,
    stage,
    posture: 'normal',
    awaiting: status.awaiting?.who ?? 'nobody',
    ...(status.provider === null ? {} : { provider: status.provider }),
    since: instantOf(operation.sinceMs),
  } as const;
  // `since` alone isn't worth an event: it moves with the others.
  const key = [stage, values.awaiting, values.provider ?? ''].join(' ');
  if (published.get('key') === key) return;
  published.set('key', key);
  const pairs: SearchAttributeUpdatePair[] = [
    { key: SEARCH_ATTRIBUTES.stage, value: values.stage },
    { key: SEARCH_ATTRIBUTES.awaiting, value: values.awaiting },
    { key: SEARCH_ATTRIBUTES.since, value: new Date(values.since) },
  ];
  if (!published.has('organization')) {
    published.set('organization', values.organization);
    pairs.push({ key: SEARCH_ATTRIBUTES.organization, value: values.organization });
    pairs.push({ key: SEARCH_ATTRIBUTES.posture, value: values.posture });
  }
  if (values.provider !== undefined && published.get('provider') !== values.provider) {
    published.set('provider', values.provider);
    pairs.push({ key: SEARCH_ATTRIBUTES.provider, value: values.provider });
  }
  upsertSearchAttributes(pairs);
}

/** Markdown for the Temporal UI: lists, because it renders no tables. */
export function detailsOf(operation: Operation): string {
  const status = statusOf(operation);
  const { stage, step, awaiting, findings, dryRun, trouble } = status;
  if (stage === null) return `Reading where **${status.organization}** stands.`;
  const goesOn = stage === 'closed' ? 'nothing; this has ended' : 'nothing; this goes on by itself';
  const lines = [
    `- Organization: **${status.organization}**`,
    `- ${whereText(operation, stage)}`,
    ...(step === null ? [] : [`- Step: ${step}`]),
    awaiting === null
      ? '- Awaited: nobody'
      : `- Awaited: **${awaiting.who}**, to ${awaiting.what} (since ${awaiting.since})`,
    `- Possible now: ${status.allowedActions.join(', ') || goesOn}`,
    ...(status.operationId === null ? [] : [`- Operation: \`${status.operationId}\``]),
  ];
  if (dryRun !== null) {
    lines.push(
      dryRun.planDigest === null
        ? `- Dry-run: blocked by ${dryRun.blockers.join(', ')}`
        : `- Plan: \`${dryRun.planDigest}\`, good until ${dryRun.expiresAt}`,
    );
  }
  if (trouble !== null) lines.push(`- Last trouble, ${trouble.at}: **${trouble.code}**. ${trouble.text}`);
  if (findings.length > 0)
    lines.push('', 'Verification:', '', ...findings.map((each) => `- ${findingText(each)}`));
  return lines.join('\n');
}

/** Its stage, and past the switch what has moved and what is still being done: that isn't the same for two kinds. */
function whereText({ shape: { kind }, standing }: Operation, stage: OperationStage): string {
  const { done, follows } = SWITCHED[kind];
  if (stage === 'sealing') return `Stage: **live**, switched: ${done}; ${follows}`;
  if (stage === 'handoff') return `Stage: **handoff**: ${done}`;
  if (stage !== 'closed') return `Stage: **${stageShown(stage)}**`;
  const outcome = standing?.outcome ?? null;
  return outcome === null ? '**Ended**' : `**Ended**, ${endedText(kind, outcome, standing?.reason ?? null)}`;
}
