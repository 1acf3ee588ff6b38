import fc from 'fast-check';
import { canonicalJson, type JsonValue } from '../../domain/canonical';
import { LineScanner } from '../../ledger/verify/canonical-line';

function read(line: string) {
  const bytes = Buffer.from(`${line}\nnext`);
  const scanner = new LineScanner(bytes);
  const end = scanner.read(0);
  const type =
    scanner.typeStart < 0 ? undefined : bytes.subarray(scanner.typeStart, scanner.typeEnd).toString();
  return { canonical: scanner.canonical, end, index: scanner.index, type };
}

const value = fc.jsonValue({ maxDepth: 3 }).map((json) => json as JsonValue);
const object = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('index', 'type', 'a', 'ab', 'b')), value);

test('whatever the canonical form writes is canonical, and ends where it ends', () => {
  fc.assert(
    fc.property(object, (json) => {
      const line = canonicalJson(json);
      expect(read(line)).toMatchObject({ canonical: true, end: Buffer.byteLength(line) });
    }),
    { numRuns: 500 },
  );
});

test('a line with one byte changed is canonical only if writing it again gives it', () => {
  fc.assert(
    fc.property(object, fc.nat(), fc.integer({ min: 0x20, max: 0x7e }), (json, pick, byte) => {
      const bytes = Buffer.from(canonicalJson(json));
      bytes[pick % bytes.length] = byte;
      const line = bytes.toString();
      let expected = false;
      try {
        const parsed: JsonValue = JSON.parse(line);
        expected =
          typeof parsed === 'object' &&
          !Array.isArray(parsed) &&
          parsed !== null &&
          canonicalJson(parsed) === line;
      } catch {}
      fc.pre(Buffer.from(line).equals(bytes));
      expect(read(line).canonical).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  '{"a":1,"a":2}',
  '{"b":1,"a":2}',
  '{"a": 1}',
  '{"a":01}',
  '{"a":-0}',
  '{"a":1.0}',
  '{"a":1e2}',
  '{"a":12345678901234567890}',
  '{"a":"\\u0041"}',
  '{"a":"\\/"}',
  '{"a":tru}',
  '{"a":[1,]}',
  '{"a":1,}',
  '{"a":1}}',
  '{"a":1} ',
  '{"\u{1f600}":1,"\u{fb33}":2}'.replace(/(".*?":1),(".*?":2)/u, '$2,$1'),
  '[]',
  '1',
  '',
])('not canonical: %s', (line) => {
  expect(read(line).canonical).toBe(false);
});

test.each([
  '{}',
  '{"a":[],"b":{},"c":[1,-1,0,true,false,null,"x"]}',
  '{"a":1.5,"b":1e+30}',
  '{"a":"\\"\\\\\\b\\t\\n\\f\\r\\u0001é"}',
  '{"a":1,"aa":2,"b":3}',
  '{"\u{1f600}":1,"\u{fb33}":2}',
])('canonical: %s', (line) => {
  expect(read(line).canonical).toBe(true);
});

test('finds index and type, the outermost ones', () => {
  expect(read('{"body":{"index":9,"type":"x"},"index":41,"type":"usage"}')).toMatchObject({
    index: 41,
    type: 'usage',
  });
  expect(read('{"body":"é","index":41,"type":"usage"}')).toMatchObject({ index: 41, type: undefined });
  expect(read('{"index":"41","type":1}')).toMatchObject({ canonical: true, index: undefined });
});
