import { type CustodyStatement, custodyStatement, STATEMENT_TYPS } from '../../domain/statement';
import { BUNDLE_FILES, type Findings } from './findings';
import type { SignedLine } from './jws-lines';
import type { LedgerEntry, LedgerLines } from './ledger-lines';

/** Where custody stood at an entry: what was signed for the last switch up to it. */
interface Standing {
  readonly statement: CustodyStatement;
  readonly line: number;
}

/**
 * A rotation has nobody's signature, because it moves nothing; so here is looked whether it moved anything. Its custody
 * statement must say what the one before it said of custody and connection, have every key version that was live, with
 * the same check value, and be under the key that it was launched for. And what it erases, and calls retired, must be
 * what custody no longer names.
 */
export function checkRotations(
  statements: readonly SignedLine[],
  lines: LedgerLines,
  findings: Findings,
): void {
  const custody = statements.flatMap(({ typ, payload, line }): Standing[] => {
    const { data } = custodyStatement.safeParse(payload);
    return typ === STATEMENT_TYPS.custody && data !== undefined ? [{ statement: data, line }] : [];
  });
  custody.sort((a, b) => a.statement.ledgerIndex - b.statement.ledgerIndex);
  const staged = lines.ofTypes(['envelope-staged']);
  const launches = lines.ofTypes(['rotation-launched']);
  for (const opened of lines.ofTypes(['operation-opened'])) {
    if (opened.body['kind'] !== 'rotate') continue;
    for (const [at, { statement, line }] of custody.entries()) {
      if (statement.operationId !== opened.operationId) continue;
      const before = custody[at - 1]?.statement;
      const launch = launches.find((each) => each.operationId === opened.operationId);
      const problem = movedBy(statement, before, launch, staged);
      if (problem !== null) findings.add('ROTATION_MOVED', BUNDLE_FILES.statements, line, problem);
    }
  }
  for (const erased of lines.ofTypes(['superseded-envelopes-erased'])) {
    const now = custody.findLast(({ statement }) => statement.ledgerIndex < erased.index)?.statement;
    const problem = now === undefined ? 'before any custody' : takenBy(erased, now);
    if (problem !== null)
      findings.add(
        'ROTATION_MOVED',
        BUNDLE_FILES.entries,
        erased.index + 1,
        `entry ${erased.index}: ${problem}`,
      );
  }
}

/** What a rotation's switch changed that it mustn't. */
function movedBy(
  after: CustodyStatement,
  before: CustodyStatement | undefined,
  launch: LedgerEntry | undefined,
  staged: readonly LedgerEntry[],
): string | null {
  if (before === undefined) return 'there is no custody before the rotation';
  for (const member of ['custody', 'connectionId', 'connectionDigest'] as const) {
    if (after[member] !== before[member]) return `the rotation changed ${member}`;
  }
  if (launch?.body['to'] !== after.keyRef)
    return 'it is under another key than the rotation was launched for';
  const { mint } = launch.body;
  const versions = Object.keys(after.envelopes).filter((version) => version !== String(mint));
  const known = Object.keys(before.envelopes);
  if (versions.length !== known.length || !versions.every((version) => known.includes(version))) {
    return 'it has other key versions';
  }
  const checkValueOf = (sha256: string | undefined) =>
    staged.find(({ body }) => body['wrappedSha256'] === sha256)?.body['checkValue'];
  const other = versions.find(
    (version) => checkValueOf(after.envelopes[version]) !== checkValueOf(before.envelopes[version]),
  );
  return other === undefined ? null : `key version ${other} is another key`;
}

/** What is called erased or retired and is in use. */
function takenBy({ body }: LedgerEntry, now: CustodyStatement): string | null {
  const { envelopes, retired } = body;
  if (!Array.isArray(envelopes) || !Array.isArray(retired)) return 'not of its form';
  const live = new Set<unknown>(Object.values(now.envelopes));
  const isLive = (envelope: unknown) =>
    envelope instanceof Object && 'wrappedSha256' in envelope && live.has(envelope.wrappedSha256);
  if (envelopes.some(isLive)) return 'it erases a live envelope';
  return retired.includes(now.keyRef) ? 'it retires the key in use' : null;
}
