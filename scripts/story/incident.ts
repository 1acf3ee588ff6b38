import type { Client, IncidentView } from '../../api/client';
import { OWNER_TEXT } from '../../domain/attribution-words';
import { durationText } from '../../domain/duration';
import type { Chapter } from './report';
import { until } from './until';

/** An incident that was refused into being, its recovery, and its evidence: told around what the customer does. */
export async function incidentOpens(chapter: Chapter, support: Client, org: string): Promise<IncidentView> {
  let opened: IncidentView | null = null;
  await chapter.step(org, 'incident opened', async () => {
    const isUnderWay = ({ owner, detectedAt }: IncidentView) => owner !== null && detectedAt !== null;
    const status = await until(
      support,
      org,
      'the incident',
      ({ incident }) => incident !== null && isUnderWay(incident),
    );
    opened = status.incident;
    const owner = opened?.owner == null ? '' : `, ${OWNER_TEXT[opened.owner]}`;
    return { words: `${opened?.code}${owner}; Temporal looks after it as incident/${org}`, entry: null };
  });
  if (opened === null) throw new Error('no incident was opened');
  return opened;
}

export async function incidentCloses(
  chapter: Chapter,
  support: Client,
  org: string,
  { id }: IncidentView,
): Promise<void> {
  await chapter.step(org, 'incident closed', async () => {
    await until(support, org, 'its end', ({ incident }) => incident === null);
    const { refusals, timeToRecoverMs, proof } = await support.incident(org, id);
    const lasted = timeToRecoverMs === null ? '' : ` after ${durationText(timeToRecoverMs)}`;
    const versions = proof?.versions.join(', ') ?? 'none';
    return {
      words: `${lasted.trim()}, ${refusals} operations refused; key versions ${versions} each unwrapped and compared first`,
      entry: null,
    };
  });
}
