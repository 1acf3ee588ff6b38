import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { findingText } from '../../domain/finding';
import type { OperationStage } from '../../domain/stages';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes';
import type { RotationStatus } from '../contract/status';
import type { Rotation } from './state';

/** What the run says of itself, to the `status` query. */
export const statusOf = ({ organization, standing, step, findings, trouble }: Rotation): RotationStatus => ({
  organization,
  operationId: standing?.operationId ?? null,
  stage: standing?.stage ?? null,
  step,
  findings,
  trouble,
});

/** Shows where the run stands: details for whoever opens it, search attributes for lists and saved views. */
export function publish(rotation: Rotation): void {
  setCurrentDetails(detailsOf(rotation));
  const stage = rotation.standing?.stage ?? 'verification';
  if (rotation.published === stage) return;
  const isFirst = rotation.published === '';
  rotation.published = stage;
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.stage, value: stage },
    { key: SEARCH_ATTRIBUTES.since, value: new Date() },
    ...(isFirst
      ? [
          { key: SEARCH_ATTRIBUTES.organization, value: rotation.organization },
          { key: SEARCH_ATTRIBUTES.awaiting, value: 'nobody' },
        ]
      : []),
  ]);
}

const DOES: Readonly<Partial<Record<OperationStage, string>>> = {
  verification: 'verifying the connection in use',
  live: 'wrapping every live envelope anew; reads and writes go on under the former ones',
  sealing: 'switched; the former envelopes are erased as soon as nothing can be reading them',
  closed: 'ended',
};

/** Markdown for the Temporal UI: lists, because it renders no tables. */
function detailsOf({ organization, standing, step, findings, trouble }: Rotation): string {
  if (standing === null) return `Reading where the rotation of **${organization}** stands.`;
  const { stage, operationId, outcome, reason } = standing;
  const lines = [
    `- Organization: **${organization}**`,
    `- Now: ${DOES[stage] ?? stage}${step === null ? '' : ` (${step})`}`,
    ...(outcome === null ? [] : [`- Outcome: **${outcome}**${reason === null ? '' : `, ${reason}`}`]),
    '- Awaited: nobody',
    `- Operation: \`${operationId}\``,
  ];
  if (trouble !== null) lines.push(`- Last trouble, ${trouble.at}: **${trouble.code}**. ${trouble.text}`);
  if (findings.length > 0)
    lines.push('', 'Verification:', '', ...findings.map((each) => `- ${findingText(each)}`));
  return lines.join('\n');
}
