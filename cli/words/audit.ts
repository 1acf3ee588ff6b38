import type { AuditView } from '../../api/client';
import { fields } from './table';

/** What the latest audit found, for people. */
export function auditText(organization: string, { at, wholeAt, findings }: AuditView): string {
  if (at === null) return `${organization}: not audited yet`;
  const read = `audited ${at}, from its first entry on ${wholeAt ?? 'not yet'}`;
  if (findings.length === 0) return `${organization}: as it was signed and published; ${read}`;
  return [
    `${organization}: ${findings.length} findings; ${read}`,
    fields(
      findings.flatMap(({ finding, about, text, remedy }): [string, string][] => [
        [
          finding,
          Object.entries(about)
            .map(([name, value]) => `${name} ${String(value)}`)
            .join(', '),
        ],
        ['', text],
        ['', remedy],
      ]),
    ),
  ].join('\n');
}
