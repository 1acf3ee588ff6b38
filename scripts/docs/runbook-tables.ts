import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { attribute, isSplit } from '../../domain/attribution';
import { AUDIT_WORDS } from '../../domain/audit-words';
import { type Effect, type Owner, PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import type { ConnectionInput } from '../../domain/connection';
import { ASPECTS, FAILED_READS, SAYS } from '../../domain/drift';
import { table } from './markdown';

const CODES = Object.entries(PROVIDER_CODES) as [ProviderCode, (typeof PROVIDER_CODES)[ProviderCode]][];

/** What a sweep's probe that couldn't read does, the first time and from the second in a row on. */
const CONSEQUENCE = {
  incident: 'incident',
  wait: 'nothing yet',
  operator: 'warning of ours',
} as const;
const consequencesOf = (code: ProviderCode): string => {
  const [first, further] = FAILED_READS[SAYS[code]].map((each) => CONSEQUENCE[each]);
  return first === further ? (first ?? '') : `${first}, then ${further}`;
};

const ofOwner = (owner: Owner, effects: readonly Effect[]) =>
  CODES.filter(([, entry]) => entry.owner === owner && effects.includes(entry.effect));

/** Codes of one owner that keep data from being read. */
const readsOf = (owner: Owner) =>
  table(
    ['code', 'what happened', 'say, or do', 'a sweep that finds it'],
    ofOwner(owner, ['unreadable']).map(([code, { text, remedy }]) => [
      `\`${code}\``,
      text,
      remedy,
      consequencesOf(code),
    ]),
  );

/** Codes of one owner that leave reads as they are. */
const othersOf = (owner: Owner) =>
  table(
    ['code', 'what happened', 'say, or do', 'effect'],
    ofOwner(owner, ['no-rotation', 'setup-blocked', 'none']).map(([code, { text, remedy, effect }]) => [
      `\`${code}\``,
      text,
      remedy,
      `\`${effect}\``,
    ]),
  );

const AWS: Pick<ConnectionInput, 'provider' | 'credential'> = {
  provider: 'aws-kms',
  credential: { kind: 'aws-role', roleArn: '' as never },
};
const AZURE: Pick<ConnectionInput, 'provider' | 'credential'> = {
  provider: 'azure-key-vault',
  credential: { kind: 'azure-app', clientId: '' as never },
};

/** Whose it is once our own canary was asked, by cloud. */
function ownersOf(code: ProviderCode, outcome: 'passes' | 'fails'): string {
  const control = outcome === 'passes' ? { result: outcome } : { result: outcome, code };
  const [aws, azure] = [attribute(AWS, code, control), attribute(AZURE, code, control)];
  return aws === azure ? aws : `AWS: ${aws}; Azure: ${azure}`;
}

const MEANS = {
  warning: 'posture `warning`; nobody is paged',
  operator: 'posture `warning`; ours, and somebody is paged',
  rotation: 'nothing is wrong; envelopes are to be wrapped anew',
} as const;

const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          for: z.string().default('at once'),
          labels: z.object({ severity: z.string() }),
          annotations: z.object({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});

/** A template of Prometheus's in words. */
const inWords = (summary: string): string =>
  summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '($1)').replaceAll(/\{\{ \$value \}\}/g, '(n)');

function alerts(): readonly string[] {
  const file = readFileSync(join(__dirname, '../../ops/prometheus-rules.yml'), 'utf8');
  const all = rules.parse(parse(file)).groups.flatMap((group) => group.rules);
  return table(
    ['alert', 'for', 'severity', 'says', 'page'],
    all.map(({ alert, for: after, labels, annotations }) => [
      `\`${alert}\``,
      after,
      labels.severity,
      inWords(annotations.summary),
      `[page](${annotations.runbook.replace(/^docs\//, '')})`,
    ]),
  );
}

/** That of `docs/AUDIT.md`. */
export const auditTable = () =>
  table(
    ['finding', 'what it means', 'do'],
    Object.entries(AUDIT_WORDS).map(([finding, { text, remedy }]) => [`\`${finding}\``, text, remedy]),
  );

type Tables = Readonly<Record<string, readonly string[]>>;

/** The generated table of `docs/RUNBOOK.md`. */
export const alertTables = (): Tables => ({ alerts: alerts() });

/** Those of `docs/RUNBOOK_INCIDENTS.md`. */
export const incidentTables = (): Tables => ({
  'reads-customer': readsOf('customer'),
  'reads-provider': readsOf('provider'),
  'reads-operator': readsOf('operator'),
  'others-customer': othersOf('customer'),
  'others-operator': othersOf('operator'),
  canary: table(
    ['code', 'our canary passes', 'it fails alike'],
    CODES.filter(([code]) => isSplit(AWS, code)).map(([code]) => [
      `\`${code}\``,
      ownersOf(code, 'passes'),
      ownersOf(code, 'fails'),
    ]),
  ),
});

/** That of `docs/RUNBOOK_FINDINGS.md`. */
export const findingTables = (): Tables => ({
  aspects: table(
    ['aspect', 'means'],
    Object.entries(ASPECTS).map(([aspect, means]) => [`[\`${aspect}\`](#${aspect})`, MEANS[means]]),
  ),
});
