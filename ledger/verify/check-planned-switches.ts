import { z } from 'zod';
import type { JsonObject } from '../../domain/canonical';
import { digestOf } from '../../domain/digest';
import { type CustodyStatement, custodyStatement, STATEMENT_TYPS } from '../../domain/statement';
import { BUNDLE_FILES, type Findings } from './findings';
import type { SignedLine } from './jws-lines';
import type { LedgerEntry, LedgerLines } from './ledger-lines';

/** What is read of a plan that moves to a key of the customer's. */
const plan = z.object({
  kind: z.enum(['activate', 'change-connection']),
  operationId: z.string(),
  connection: z.object({ id: z.string(), digest: z.string(), keyRef: z.string() }),
  from: z.object({ id: z.string(), digest: z.string(), keyRef: z.string() }).optional(),
  platformKey: z.object({ keyRef: z.string() }).optional(),
  rewrap: z.array(z.object({ version: z.int(), envelopeSha256: z.string(), checkValue: z.string() })),
  mint: z.int(),
});
type Planned = z.infer<typeof plan>;

/** Kinds of operations that switch custody to a customer's key by a plan. */
const BY_PLAN: ReadonlySet<unknown> = new Set(['activate', 'change-connection']);

/**
 * A switch to a customer's key goes just where the customer signed: its plan is that of a dry-run of its operation, was
 * approved before, names what custody was and is what custody became: connection, key, key versions and their check values.
 */
export function checkPlannedSwitches(
  statements: readonly SignedLine[],
  lines: LedgerLines,
  findings: Findings,
): void {
  const custody = statements.flatMap(({ typ, payload }): CustodyStatement[] => {
    const { data } = custodyStatement.safeParse(payload);
    return typ === STATEMENT_TYPS.custody && data !== undefined ? [data] : [];
  });
  custody.sort((a, b) => a.ledgerIndex - b.ledgerIndex);
  const said = lines.ofTypes([
    'operation-opened',
    'dry-run-recorded',
    'approval-accepted',
    'envelope-staged',
    'custody-switched',
  ]);
  for (const entry of said) {
    if (entry.type !== 'custody-switched') continue;
    const own = said.filter(
      ({ operationId, index }) => operationId === entry.operationId && index < entry.index,
    );
    if (!own.some(({ type, body }) => type === 'operation-opened' && BY_PLAN.has(body['kind']))) continue;
    const problem = unplanned(entry, own, custody, said);
    if (problem === null) continue;
    const text = `entry ${entry.index}: ${problem}`;
    findings.add('SWITCH_UNPLANNED', BUNDLE_FILES.entries, entry.index + 1, text);
  }
}

/** @param own entries of its operation before it */
function unplanned(
  { index, body: { planDigest } }: LedgerEntry,
  own: readonly LedgerEntry[],
  custody: readonly CustodyStatement[],
  said: readonly LedgerEntry[],
): string | null {
  const planned = own.find(
    ({ type, body }) => type === 'dry-run-recorded' && body['planDigest'] === planDigest,
  );
  const { data } = plan.safeParse(planned?.body['plan']);
  if (data === undefined) return 'no dry-run of its operation has its plan';
  if (digestOf(planned?.body['plan'] as JsonObject) !== planDigest) return 'the plan isn’t of its digest';
  const decided = own.findLast(
    ({ type, body }) => type === 'approval-accepted' && body['planDigest'] === planDigest,
  );
  if (decided?.body['decision'] !== 'approve') return 'its plan wasn’t approved';
  const at = custody.findIndex(({ ledgerIndex }) => ledgerIndex === index);
  const [before, after] = [custody[at - 1], custody[at]];
  // Without its statement there's nothing to compare; that it is missing is said elsewhere.
  if (before === undefined || after === undefined) return null;
  const staged = new Map(said.map(({ body }) => [body['wrappedSha256'], body['checkValue']]));
  return isFrom(data, before) ?? isTo(data, after, staged);
}

/** What custody was isn't what the plan moves away from. */
function isFrom({ from, platformKey, rewrap }: Planned, before: CustodyStatement): string | null {
  const key = from?.keyRef ?? platformKey?.keyRef;
  if (before.keyRef !== key) return 'its plan is from another key';
  if (from !== undefined && (before.connectionId !== from.id || before.connectionDigest !== from.digest))
    return 'its plan is from another connection';
  const isSame =
    Object.keys(before.envelopes).length === rewrap.length &&
    rewrap.every(({ version, envelopeSha256 }) => before.envelopes[String(version)] === envelopeSha256);
  return isSame ? null : 'its plan is from other envelopes';
}

/** What custody became isn't what the plan moves to. */
function isTo(
  { connection, rewrap, mint }: Planned,
  after: CustodyStatement,
  checkValues: ReadonlyMap<unknown, unknown>,
): string | null {
  if (after.keyRef !== connection.keyRef) return 'it is under another key than its plan’s';
  if (after.connectionId !== connection.id || after.connectionDigest !== connection.digest)
    return 'it is under another connection than its plan’s';
  const versions = new Set([...rewrap.map(({ version }) => version), mint]);
  const live = Object.keys(after.envelopes);
  if (live.length !== versions.size || !live.every((version) => versions.has(Number(version))))
    return 'it has other key versions than its plan';
  const other = rewrap.find(
    ({ version, checkValue }) => checkValues.get(after.envelopes[String(version)]) !== checkValue,
  );
  return other === undefined ? null : `key version ${other.version} is another key`;
}
