import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { OWNER_TEXT, wordsOf } from '../../domain/attribution-words';
import type { Owner } from '../../domain/codes';
import type { RecoveryStatus } from '../contract/recovery';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes';
import type { Recovery } from './state';

export function statusOf(recovery: Recovery): RecoveryStatus {
  const { organization, incident, probes, lastRefused, nextProbeAt, acknowledged } = recovery;
  return {
    organization,
    incident: incident?.id ?? null,
    code: incident?.code ?? null,
    owner: incident?.owner ?? null,
    ...{ probes, lastRefused, nextProbeAt },
    acknowledged: acknowledged || (incident?.acknowledged ?? false),
  };
}

/** Who is awaited, in the words of the search attribute. */
const AWAITED: Readonly<Record<Owner, string>> = {
  customer: 'customer-admin',
  provider: 'nobody',
  operator: 'support',
};

/** Shows the incident to whoever looks: details in the run, attributes for lists. */
export function publish(recovery: Recovery): void {
  const { organization, incident, lastRefused } = recovery;
  if (incident === null) return;
  setCurrentDetails(detailsOf(recovery));
  const owner = lastRefused?.owner ?? incident.owner;
  const awaiting = owner === null ? 'support' : AWAITED[owner];
  const key = [incident.id, awaiting].join(' ');
  if (recovery.published === key) return;
  const isFirst = recovery.published === '';
  recovery.published = key;
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.awaiting, value: awaiting },
    { key: SEARCH_ATTRIBUTES.since, value: new Date(incident.firstRefusalAt) },
    ...(isFirst
      ? [
          { key: SEARCH_ATTRIBUTES.organization, value: organization as string },
          { key: SEARCH_ATTRIBUTES.posture, value: 'degraded' },
          ...(incident.provider === null
            ? []
            : [{ key: SEARCH_ATTRIBUTES.provider, value: incident.provider as string }]),
        ]
      : []),
  ]);
}

export function publishEnd({ organization, incident, closed, probes }: Recovery): void {
  setCurrentDetails(
    closed === 0
      ? `No incident of **${organization}** is open.`
      : `Incident ${incident?.id ?? ''} of **${organization}** is closed: every live envelope was unwrapped and compared. Probes: ${probes}. The evidence is in the ledger within a minute or two: \`smsk incident list --org ${organization}\`.`,
  );
  if (closed > 0)
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.posture, value: 'normal' },
      { key: SEARCH_ATTRIBUTES.awaiting, value: 'nobody' },
    ]);
}

/** Markdown for the Temporal UI. */
export function detailsOf({ organization, incident, lastRefused, nextProbeAt, probes }: Recovery): string {
  if (incident === null) return `Reading the incident of **${organization}**.`;
  const { code, owner } = lastRefused ?? incident;
  const { text, remedy } = wordsOf(code, owner);
  return [
    `- Organization: **${organization}**, incident ${incident.id}`,
    `- First refused: ${incident.firstRefusalAt} with **${incident.code}**`,
    `- Now: **${code}**${owner === null ? '' : `, ${OWNER_TEXT[owner]}`}. ${text}`,
    `- What to do: ${remedy}`,
    `- Data: nothing is lost; what is encrypted can be read again when the key answers. There is no way around it.`,
    `- Probes of this run: ${probes}${nextProbeAt === null ? '; looking now' : `; next at ${nextProbeAt}`}`,
  ].join('\n');
}
