import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { exportFiles, piecesOf } from '../../../cli/evidence/reconcile/export-files';
import { providerRecordOf } from '../../../cli/evidence/reconcile/read-record';
import { type Piece, Splitter } from '../../../cli/evidence/reconcile/split';
import { auditEvent, cloudTrail, KEYS } from './records';

function split(bytes: Buffer, cuts: readonly number[] = []): Piece[] {
  const splitter = new Splitter();
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let at = 0;
  const pieces = ends.flatMap((end) => {
    const found = splitter.feed(bytes.subarray(at, end));
    at = end;
    return found;
  });
  return [...pieces, ...splitter.end()];
}
const jsonIn = (pieces: readonly Piece[]) => pieces.flatMap((piece) => ('json' in piece ? [piece.json] : []));
const wrongIn = (pieces: readonly Piece[]) => pieces.filter((piece) => 'wrong' in piece);

/** How exports come: one object, whose first member has the records; an array; one record a line. */
const FORMS: Readonly<Record<string, (records: readonly object[]) => string>> = {
  'a CloudTrail file': (records) => JSON.stringify({ Records: records }),
  'an event hub’s messages': (records) =>
    records.map((record) => `${JSON.stringify({ records: [record], more: { x: ['}'] } })}\n`).join(''),
  'lookup-events, indented': (records) => JSON.stringify({ Events: records, NextToken: 'a"}]' }, null, 4),
  'an array, indented': (records) => JSON.stringify(records, null, 2),
  lines: (records) => records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  'lines, the last without its end': (records) =>
    records.map((record) => JSON.stringify(record)).join('\r\n'),
};

describe.each(Object.entries(FORMS))('%s', (_, form) => {
  test('gives each record once and whole, wherever the bytes are cut', () => {
    const record = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 });
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (records, cuts) => {
          // As JSON has them: -0 is 0.
          const written = JSON.parse(JSON.stringify(records)) as object[];
          const pieces = split(Buffer.from(form(written)), cuts);
          expect(pieces.map((piece) => ('json' in piece ? piece.json : piece))).toEqual(written);
        },
      ),
    );
  });
});

test('a line that is no JSON costs that line, and is known by its number', () => {
  const good = JSON.stringify({ a: 1 });
  const lines = [
    good,
    '\u001b[31mnot JSON\u0007',
    good,
    '{"cut": "of',
    good,
    '{"a": {"b": ',
    '{]}',
    good,
    '',
  ];
  const pieces = split(Buffer.from(lines.join('\n')));
  expect(jsonIn(pieces)).toHaveLength(4);
  expect(wrongIn(pieces)).toEqual([2, 4, 6, 7].map((line) => ({ line, wrong: 'not JSON' })));
});

test('anything at all is read to its end, and never throws', () => {
  const noise = fc.array(
    fc.oneof(
      fc.constantFrom('{', '}', '[', ']', '"', '\\', '\n', ',', '{"Records":[', '{"a":1}', '{"records": ['),
      fc.string(),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(noise, fc.array(fc.nat(), { maxLength: 5 }), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''));
      expect(split(bytes, cuts)).toEqual(split(bytes));
    }),
  );
});

test('a record over 1 MiB isn’t held, and what follows is read', () => {
  const splitter = new Splitter();
  const pieces: Piece[] = [...splitter.feed(Buffer.from('{"Records":[{"a":"'))];
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  for (let i = 0; i < 64; i += 1) pieces.push(...splitter.feed(megabyte));
  pieces.push(...splitter.feed(Buffer.from('"},{"b":1}]}')), ...splitter.end());
  expect(pieces).toEqual([
    { line: 1, wrong: 'over 1 MiB' },
    { line: 1, json: { b: 1 } },
  ]);
});

test('one that ends too early says so', () => {
  expect(split(Buffer.from('{"Records":[{"a":1},{"b"'))).toEqual([
    { line: 1, json: { a: 1 } },
    { line: 1, wrong: 'cut off' },
  ]);
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-export-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const all = async (file: string) => {
    const found: Piece[] = [];
    for await (const pieces of piecesOf(file)) found.push(...pieces);
    return found;
  };
  const put = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  test('gzipped or not, by what they are and not by their names', async () => {
    const text = Buffer.from(JSON.stringify({ Records: [{ a: 1 }] }));
    for (const file of [put('plain.json.gz', text), put('zipped.json', gzipSync(text))])
      expect(await all(file)).toEqual([{ line: 1, json: { a: 1 } }]);
    expect(exportFiles([folder])).toEqual(['plain.json.gz', 'zipped.json'].map((name) => join(folder, name)));
  });

  test('a damaged archive is read as far as it goes', async () => {
    const lines = Array.from({ length: 1_000 }, (_, i) => `${JSON.stringify({ i, x: Math.sin(i) })}\n`);
    const zipped = gzipSync(lines.join(''));
    const pieces = await all(put('damaged.gz', zipped.subarray(0, zipped.length - 100)));
    expect(jsonIn(pieces).length).toBeGreaterThan(0);
    expect(pieces.at(-1)).toMatchObject({ wrong: 'can’t be read further' });
  });
});

describe('records', () => {
  const atMs = Date.parse('2026-03-01T10:00:00.000Z');
  const azure = auditEvent({ id: 'r-1', atMs });

  test('of lookup-events have the event as text', () => {
    const event = cloudTrail({ id: 'r-1', atMs });
    const looked = { EventId: event.eventID, EventName: 'Decrypt', CloudTrailEvent: JSON.stringify(event) };
    expect(providerRecordOf(looked)).toEqual(providerRecordOf(event));
  });

  test('of Log Analytics are in columns, of either table', () => {
    const { appid } = azure.identity.claim;
    const common = { TimeGenerated: azure.time, OperationName: 'KeyUnwrap', ResultType: 'Success' };
    const id = `${KEYS['azure-key-vault'].replace('acme', 'ACME')}/${'a'.repeat(32)}`;
    const own = {
      ...common,
      ...{ CorrelationId: 'r-1', CallerIpAddress: '203.0.113.7', HttpStatusCode: 200, Id: id },
      Identity: JSON.stringify(azure.identity),
      ClientInfo: 'azsdk-js',
    };
    const shared = {
      ...common,
      ...{ Category: 'AuditEvent', CorrelationId: 'r-1', CallerIPAddress: '203.0.113.7' },
      ...{ httpStatusCode_d: 200, id_s: id, identity_claim_appid_g: appid, clientInfo_s: 'azsdk-js' },
    };
    const { identity: _, ...expected } = providerRecordOf(azure) as unknown as Record<string, unknown>;
    expect(providerRecordOf(own)).toMatchObject(expected);
    expect(providerRecordOf(shared)).toMatchObject(expected);
  });

  test('what isn’t a call is nothing to compare; what is unknown is no record', () => {
    const event = cloudTrail({ id: 'r-1', atMs });
    expect(providerRecordOf({ digestS3Object: 'x' })).toBe('unrelated');
    expect(providerRecordOf({ ...event, eventCategory: 'Insight' })).toBe('unrelated');
    expect(providerRecordOf({ ...azure, category: 'AllMetrics' })).toBe('unrelated');
    expect(providerRecordOf({ ...event, eventTime: 'soon' })).toBeNull();
    expect(providerRecordOf([])).toBeNull();
    expect(providerRecordOf({ CloudTrailEvent: '{' })).toBeNull();
  });

  test('no text of theirs moves a cursor or turns a line around', () => {
    const principal = 'arn:aws:iam::1:user/\u001b[2J\u202eevil\n\u2028x\u200b';
    const record = providerRecordOf(cloudTrail({ id: 'r-1', atMs, principal }));
    expect(record).toMatchObject({ principal: 'arn:aws:iam::1:user/\ufffd[2J\ufffdevil\ufffd\ufffdx\ufffd' });
  });
});
