import { OWNER_TEXT, wordsOf } from './attribution-words';
import { isProviderCode, type Owner, type ProviderCode } from './codes';
import type { ConnectionInput } from './connection';
import type { RequestId } from './ids';

/** Every check a verification can have. */
export const CHECKS = [
  'credential-reference',
  'assume-role',
  'assume-role-without-external-id-is-refused',
  'assume-role-with-wrong-external-id-is-refused',
  'key-name-carries-our-token',
  'token',
  'wrap',
  'key-identity',
  'unwrap',
  'canary',
] as const;
export type Check = (typeof CHECKS)[number];

const PROBES = ['wrap', 'key-identity', 'unwrap', 'canary'] as const satisfies readonly Check[];

/** The checks of a connection's verification, in the order they are run. */
export function checksOf({ provider, credential }: ConnectionInput): readonly Check[] {
  switch (provider) {
    case 'aws-kms':
      return credential.kind === 'approved'
        ? ['credential-reference', ...PROBES]
        : [
            'assume-role',
            'assume-role-without-external-id-is-refused',
            'assume-role-with-wrong-external-id-is-refused',
            ...PROBES,
          ];
    case 'azure-key-vault':
      return credential.kind === 'approved'
        ? ['credential-reference', 'token', ...PROBES]
        : ['key-name-carries-our-token', 'token', ...PROBES];
    default: {
      const unknown: never = provider;
      throw new Error(`unknown provider ${String(unknown)}`);
    }
  }
}

/** Tries of one verification; after that somebody asks for another. */
export const VERIFICATION_ATTEMPTS = 5;

/** A check's sanitized result. `ok` has no code; `skipped` says an earlier check made it pointless. */
export type CheckResult =
  | { readonly check: Check; readonly result: 'ok'; readonly requestId: RequestId | null }
  | {
      readonly check: Check;
      readonly result: 'failed';
      readonly code: ProviderCode;
      readonly requestId: RequestId | null;
    }
  | { readonly check: Check; readonly result: 'skipped' };

/** A check's result as it is recorded: a failed one names who can mend it (`domain/attribution.ts`). */
export type Finding =
  | Exclude<CheckResult, { readonly result: 'failed' }>
  | (Extract<CheckResult, { readonly result: 'failed' }> & { readonly owner: Owner });

/** Clean: every check ran and passed. */
export const isClean = (findings: readonly CheckResult[]): boolean =>
  findings.length > 0 && findings.every((finding) => finding.result === 'ok');

/** Whose the failures are. */
export const ownersOf = (findings: readonly Finding[]): readonly Owner[] =>
  findings.flatMap((finding) => (finding.result === 'failed' ? [finding.owner] : []));

/** One line per finding, for people: what was checked, whose it is, what it means, what to do. */
export function findingText(finding: Finding): string {
  switch (finding.result) {
    case 'ok':
      return `${finding.check}: ok`;
    case 'skipped':
      return `${finding.check}: not run, because an earlier check failed`;
    case 'failed': {
      if (!isProviderCode(finding.code)) throw new Error('unknown code');
      const { text, remedy } = wordsOf(finding.code, finding.owner);
      return `${finding.check}: ${finding.code}, ${OWNER_TEXT[finding.owner]}. ${text} ${remedy}`;
    }
    default: {
      const unknown: never = finding;
      throw new Error(`unknown finding ${String(unknown)}`);
    }
  }
}
