import { wordsOf } from '../../domain/attribution-words';
import { findingText } from '../../domain/finding';
import { type IncidentRecord, timesOf } from '../../domain/incident';
import { findingView } from '../shapes/finding';
import type { IncidentView } from '../shapes/incident';

/** An incident as it's shown, with its words and what its times come to. */
export function incidentView(incident: IncidentRecord): IncidentView {
  const { id, code, owner, firstRefusalAt, lastRefusalAt, refusals, probes, notes, proof } = incident;
  const { detectedAt, answeredAt, closedAt } = incident;
  const { text, remedy } = wordsOf(code, owner);
  return {
    ...{ id, code, owner, text, remedy },
    ...{ since: firstRefusalAt, lastRefusalAt, refusals, probes, detectedAt, answeredAt, closedAt },
    ...timesOf(incident),
    proof: proof && {
      versions: [...proof.versions],
      findings: proof.findings.map((finding) => findingView(finding, findingText(finding))),
    },
    acknowledged: notes.some(({ acknowledges }) => acknowledges),
    notes: notes.map(({ by, ...note }) => ({ ...note, by: `${by.name} (${by.kind})` })),
  };
}
