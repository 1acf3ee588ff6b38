import { canonicalJson, type JsonObject } from '../../domain/canonical';
import { digestOf, sha256OfText } from '../../domain/digest';
import { STATEMENT_TYPS } from '../../domain/statement';
import { nodeSuite } from '../../ledger/node/suite';
import { checkPlannedSwitches } from '../../ledger/verify/check-planned-switches';
import { Findings } from '../../ledger/verify/findings';
import { LedgerLines } from '../../ledger/verify/ledger-lines';

const ORGANIZATION = '6f1c1d2e-0000-4000-8000-000000000001';
const CHANGE = '6f1c1d2e-0000-4000-8000-000000000002';
const ACTIVATION = '6f1c1d2e-0000-4000-8000-000000000003';
const hex = (text: string): string => sha256OfText(text);
type Body = Record<string, unknown>;

/** A ledger whose second half changes the connection as it was approved, and the statements of it. */
function changed() {
  const plan: Body = {
    kind: 'change-connection',
    operationId: CHANGE,
    connection: { id: '6f1c1d2e-0000-4000-8000-00000000000b', digest: hex('new'), keyRef: 'new-key' },
    from: { id: '6f1c1d2e-0000-4000-8000-00000000000a', digest: hex('old'), keyRef: 'old-key' },
    rewrap: [{ version: 1, envelopeSha256: hex('old 1'), checkValue: hex('one') }],
    mint: 2,
  };
  const planDigest = digestOf(plan as JsonObject);
  const staged = (operation: string, version: number, sha256: string, check: string) => ({
    type: 'envelope-staged',
    operation,
    body: { version, wrappedSha256: sha256, checkValue: hex(check) } as Body,
  });
  const entries: { type: string; operation: string; body: Body }[] = [
    { type: 'operation-opened', operation: ACTIVATION, body: { kind: 'create' } },
    staged(ACTIVATION, 1, hex('old 1'), 'one'),
    { type: 'custody-switched', operation: ACTIVATION, body: { planDigest: null } },
    { type: 'operation-opened', operation: CHANGE, body: { kind: 'change-connection' } },
    { type: 'dry-run-recorded', operation: CHANGE, body: { planDigest, plan } },
    { type: 'approval-accepted', operation: CHANGE, body: { planDigest, decision: 'approve' } },
    staged(CHANGE, 1, hex('new 1'), 'one'),
    staged(CHANGE, 2, hex('new 2'), 'two'),
    { type: 'custody-switched', operation: CHANGE, body: { planDigest } },
  ];
  const statement = (operationId: string, ledgerIndex: number, more: Body): Body => ({
    type: 'smsk-custody/v1',
    organization: ORGANIZATION,
    custody: 'customer',
    epoch: ledgerIndex + 1,
    operationId,
    ledgerIndex,
    ...more,
  });
  const { connection, from } = plan as { connection: Record<string, string>; from: Record<string, string> };
  const before = statement(ACTIVATION, 2, {
    currentVersion: 1,
    connectionId: from['id'],
    connectionDigest: from['digest'],
    keyRef: 'old-key',
    envelopes: { 1: hex('old 1') },
  });
  const after = statement(CHANGE, 8, {
    currentVersion: 2,
    connectionId: connection['id'],
    connectionDigest: connection['digest'],
    keyRef: 'new-key',
    envelopes: { 1: hex('new 1'), 2: hex('new 2') },
  });
  return { plan, entries, before, after };
}
type Changed = ReturnType<typeof changed>;

function found({ entries, before, after }: Changed) {
  const lines = entries.map(({ type, operation, body }, index) => {
    const at = '2026-01-01T00:00:00.000Z';
    const entry = { index, type, organization: ORGANIZATION, at, operationId: operation, epoch: 1, body };
    return `${canonicalJson(entry as unknown as JsonObject)}\n`;
  });
  const findings = new Findings();
  const statements = [before, after].map((payload, line) => ({
    ...{ line: line + 1, typ: STATEMENT_TYPS.custody, payload, sha256: hex(String(line)) },
  }));
  checkPlannedSwitches(statements, LedgerLines.read(nodeSuite, Buffer.from(lines.join(''))), findings);
  return findings.list.map(({ code, line, text }) => [code, line, text]);
}
const bodyAt = ({ entries }: Changed, index: number): Body => entries[index]?.body ?? {};

test('a change of connection as it was planned and approved has nothing that isn’t explained', () => {
  expect(found(changed())).toEqual([]);
});

test.each<[string, string, (story: Changed) => void]>([
  [
    'approved by nobody',
    'its plan wasn’t approved',
    ({ entries }) => void entries.splice(5, 1, entries[4] as never),
  ],
  [
    'rejected',
    'its plan wasn’t approved',
    (story) => Object.assign(bodyAt(story, 5), { decision: 'reject' }),
  ],
  [
    'by an approval of another plan',
    'its plan wasn’t approved',
    (story) => Object.assign(bodyAt(story, 5), { planDigest: hex('other') }),
  ],
  [
    'by a plan that no dry-run made',
    'no dry-run',
    (story) => Object.assign(bodyAt(story, 8), { planDigest: hex('other') }),
  ],
  [
    'by a plan that was altered after it was signed',
    'isn’t of its digest',
    (story) => Object.assign(story.plan, { mint: 3 }),
  ],
  [
    'to another key',
    'another key than its plan',
    ({ after }) => Object.assign(after, { keyRef: 'their-key' }),
  ],
  [
    'to another connection',
    'another connection than its plan',
    ({ after }) => Object.assign(after, { connectionDigest: hex('theirs') }),
  ],
  [
    'with another key under a version’s number',
    'is another key',
    (story) => Object.assign(bodyAt(story, 6), { checkValue: hex('theirs') }),
  ],
  [
    'with a version left out',
    'other key versions',
    ({ after }) => Object.assign(after, { envelopes: { 2: hex('new 2') } }),
  ],
  ['from another key', 'from another key', ({ before }) => Object.assign(before, { keyRef: 'their-key' })],
  [
    'from another connection',
    'from another connection',
    ({ before }) => Object.assign(before, { connectionId: '6f1c1d2e-0000-4000-8000-00000000000c' }),
  ],
  [
    'from other envelopes',
    'from other envelopes',
    ({ before }) => Object.assign(before, { envelopes: { 1: hex('theirs') } }),
  ],
])('%s: named', (_, why, forge) => {
  const story = changed();
  forge(story);
  expect(found(story)).toEqual([['SWITCH_UNPLANNED', 9, expect.stringContaining(why)]]);
});
