import type { ReferenceView, RegistrationView } from '../../api/client';
import { fields } from './table';

const DAY_MS = 86_400_000;

/** When a credential ends, and in how many whole days. */
export function endText(notAfter: string, nowMs: number): string {
  const days = Math.floor((Date.parse(notAfter) - nowMs) / DAY_MS);
  if (days < 0) return `${notAfter}, which is past: it isn’t used any more`;
  return `${notAfter}, ${days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`}`;
}

type Row = [string, string | null];

/** Everything that a registration states. */
export const registrationRows = (registration: RegistrationView, nowMs: number): Row[] => [
  ['for key', registration.key],
  ['makes us', registration.identity],
  ['lies at', registration.locator],
  ['ends', endText(registration.notAfter, nowMs)],
  ['registered', `by ${registration.registeredBy}, ledger entry ${registration.index}`],
];

/** What is shown to whoever is about to confirm it. */
export const registrationText = (name: string, registration: RegistrationView, nowMs: number): string =>
  `approved:${name}\n${fields(registrationRows(registration, nowMs))}`;

export function referencesText(org: string, references: readonly ReferenceView[], nowMs: number): string {
  if (references.length === 0) return `${org}: no credential reference is registered\n`;
  return references.map((reference) => referenceText(org, reference, nowMs)).join('\n');
}

function referenceText(org: string, { name, confirmed, pending }: ReferenceView, nowMs: number): string {
  const waits = `another person of support or SRE: \`smsk credential confirm --org ${org} --name ${name}\``;
  if (confirmed === null)
    return pending === null
      ? ''
      : `approved:${name}: doesn’t count yet\n${fields([...registrationRows(pending, nowMs), ['awaited', waits]])}`;
  const { confirmedBy, freshness } = confirmed;
  const renewal: Row[] =
    pending === null
      ? []
      : [
          ['renewal', `ends ${endText(pending.notAfter, nowMs)}`],
          ['', `registered by ${pending.registeredBy}, ledger entry ${pending.index}`],
          ['', pending.locator === null ? null : `lies at ${pending.locator}`],
          ['', pending.identity === confirmed.identity ? null : `makes us ${pending.identity}`],
          ['awaited', waits],
        ];
  return `approved:${name}: ${STANDS[freshness]}\n${fields([
    ...registrationRows(confirmed, nowMs),
    ['confirmed', `by ${confirmedBy}, ${confirmed.confirmedAt}`],
    ...renewal,
  ])}`;
}

const STANDS: Readonly<Record<NonNullable<ReferenceView['confirmed']>['freshness'], string>> = {
  valid: 'counts',
  expiring: 'counts, and ends soon: register its renewal under the same name',
  expired: 'past its date: register its renewal under the same name',
};
