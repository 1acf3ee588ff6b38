import {
  type CustodyStatement,
  custodyStatement,
  type EnvelopeStatement,
  envelopeStatement,
  type OffboardedStatement,
  offboardedStatement,
  type SealedStatement,
  STATEMENT_TYPS,
  sealedStatement,
} from '../../domain/statement';
import { BUNDLE_FILES, type Findings } from './findings';
import type { SignedLine } from './jws-lines';
import type { LedgerEntry, LedgerLines } from './ledger-lines';

const FILE = BUNDLE_FILES.statements;

/**
 * Each signed statement against the entry it names by `ledgerIndex`: same organization, operation and epoch, and
 * for an envelope the same SHA-256 of its wrapped bytes. A staged envelope without a statement is a notice: its
 * statement may have been erased with it.
 */
export function checkStatements(
  statements: readonly SignedLine[],
  lines: LedgerLines,
  findings: Findings,
): void {
  const staged = new Map<string, LedgerEntry>();
  for (const entry of lines.ofTypes(['envelope-staged'])) staged.set(envelopeId(entry.body), entry);
  const described = new Set<string>();
  for (const statement of statements) {
    const envelope = envelopeStatement.safeParse(statement.payload).data;
    const custody = custodyStatement.safeParse(statement.payload).data;
    const sealed = sealedStatement.safeParse(statement.payload).data;
    const offboarded = offboardedStatement.safeParse(statement.payload).data;
    let problem: string | undefined;
    if (envelope !== undefined && statement.typ === STATEMENT_TYPS.envelope) {
      problem = envelopeProblem(envelope, lines);
      described.add(envelopeId(envelope));
    } else if (custody !== undefined && statement.typ === STATEMENT_TYPS.custody) {
      problem = custodyProblem(custody, lines, staged);
    } else if (sealed !== undefined && statement.typ === STATEMENT_TYPS.sealed) {
      problem = sealedProblem(sealed, lines);
    } else if (offboarded !== undefined && statement.typ === STATEMENT_TYPS.offboarded) {
      problem = offboardedProblem(offboarded, lines);
    } else {
      findings.add('FILE_MALFORMED', FILE, statement.line, 'no statement of the kind its typ says');
    }
    if (problem !== undefined) findings.add('NOT_IN_LEDGER', FILE, statement.line, problem);
  }
  for (const [id, entry] of staged) {
    if (described.has(id)) continue;
    findings.add('STATEMENT_MISSING', FILE, null, `no statement about the envelope of entry ${entry.index}`);
  }
}

const envelopeId = (about: { readonly [member: string]: unknown }) =>
  `${about['version']} ${about['wrappedSha256']}`;

type Framed = EnvelopeStatement | CustodyStatement | SealedStatement | OffboardedStatement;

/** The entry a statement belongs to, or why it doesn't. */
function entryOf(statement: Framed, lines: LedgerLines): LedgerEntry | string {
  const entry = lines.entry(statement.ledgerIndex);
  if (entry === undefined) return `there is no entry ${statement.ledgerIndex}`;
  for (const member of ['organization', 'operationId', 'epoch'] as const) {
    if (entry[member] !== statement[member]) return `entry ${entry.index} has another ${member}`;
  }
  return entry;
}

function differing(entry: LedgerEntry, expected: { readonly [member: string]: unknown }): string | undefined {
  const member = Object.keys(expected).find((name) => entry.body[name] !== expected[name]);
  return member === undefined ? undefined : `entry ${entry.index} (${entry.type}) has another ${member}`;
}

function envelopeProblem(statement: EnvelopeStatement, lines: LedgerLines): string | undefined {
  const entry = entryOf(statement, lines);
  if (typeof entry === 'string') return entry;
  const { version, custody, connectionId, wrappedSha256, keyRef, checkValue } = statement;
  return differing(entry, { version, custody, connectionId, wrappedSha256, keyRef, checkValue });
}

function custodyProblem(
  statement: CustodyStatement,
  lines: LedgerLines,
  staged: ReadonlyMap<string, LedgerEntry>,
): string | undefined {
  const entry = entryOf(statement, lines);
  if (typeof entry === 'string') return entry;
  for (const [version, wrappedSha256] of Object.entries(statement.envelopes)) {
    const envelope = staged.get(envelopeId({ version, wrappedSha256 }));
    if (envelope === undefined || envelope.index > entry.index)
      return `no entry before stages its envelope ${version}`;
  }
  const { custody, currentVersion } = statement;
  return entry.type === 'custody-switched' ? differing(entry, { custody, currentVersion }) : undefined;
}

function sealedProblem(statement: SealedStatement, lines: LedgerLines): string | undefined {
  const entry = entryOf(statement, lines);
  if (typeof entry === 'string') return entry;
  if (entry.type !== 'platform-sealed') return `entry ${entry.index} is no platform-sealed`;
  return differing(entry, { keyRef: statement.platformKeyRef });
}

/** Its approvals are looked at with the switch it belongs to (`check-offboardings.ts`). */
function offboardedProblem(statement: OffboardedStatement, lines: LedgerLines): string | undefined {
  const entry = entryOf(statement, lines);
  if (typeof entry === 'string') return entry;
  if (entry.type !== 'custody-switched') return `entry ${entry.index} is no custody-switched`;
  return differing(entry, { custody: 'platform', planDigest: statement.planDigest });
}
