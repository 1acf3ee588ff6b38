import { durationText } from './duration';
import { type DeploymentId, msOf } from './ids';
import { type ToldIncident, wordsFor } from './told';

/** A mail of ours: plain text, one recipient. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The left part of its Message-ID: the same one whenever it's sent again. */
  readonly id: string;
}

/** What is told, as a mail. Nothing in it but our words, the organization's name, codes, counts and times. */
export function mailOf(told: ToldIncident, to: string, id: string): Mail {
  const { title, text, whose, effect, remedy } = wordsFor(told);
  const { incident, isExpected, statusUrl } = told;
  const rows: readonly (readonly [string, string | null])[] = [
    ['Organization', incident.organization.name],
    ['Incident', `${told.deployment}/${incident.id}`],
    ['What happened', `${text} (${incident.code}, ${whose})`],
    ['Your data', effect],
    ['To do', remedy],
    [
      'Expected',
      isExpected ? 'yes: it began inside a maintenance window that was declared and signed' : 'no',
    ],
    ['Since', incident.openedAt],
    ['Last refusal', incident.lastRefusalAt],
    ['Refused operations', String(incident.refusals)],
    ['Refused probes', String(incident.probes)],
    ['Answers again since', incident.closedAt],
    ['Lasted', incident.closedAt && durationText(msOf(incident.closedAt) - msOf(incident.openedAt))],
    ['Provider request', incident.requestId],
    ['Ledger entries', entriesOf(told)],
    ['Status', statusUrl],
  ];
  return letter(told.deployment, { to, id }, title, rows);
}

/** A title, and what there is to say, a row each; those without a value are left out. */
export function letter(
  deployment: DeploymentId,
  { to, id }: Pick<Mail, 'to' | 'id'>,
  title: string,
  rows: readonly (readonly [name: string, value: string | null])[],
): Mail {
  const lines = rows.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return { to, id, subject: `[${deployment}] ${title}`, text: `${title}\n\n${lines.join('\n')}\n` };
}

function entriesOf({ incident: { entries } }: ToldIncident): string | null {
  const known = [entries.opened, entries.closed].filter((index) => index !== null);
  return known.length === 0 ? null : known.join(', ');
}
