import fc from 'fast-check';
import { associatedData } from '../../cipher/associated-data';
import { MAX_CONTEXT_BYTES } from '../../cipher/limits';
import type { KeyVersion, OrganizationId } from '../../domain/ids';

const ORGANIZATION = '4f2c7f0e-6c1d-4a57-9b0f-3f1c0a6f2d11' as OrganizationId;
const VERSION = 1 as KeyVersion;

interface Input {
  organization: string;
  keyVersion: number;
  context: Record<string, string>;
}

// A small alphabet with the encoding's own bytes in it, so that near-collisions are common.
const units = fc.constantFrom('a', 'b', '\u0000', '\u0001', '\u0008', 'é', 'e\u0301', '🔑');
const text = fc.oneof(fc.string({ unit: units, maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 12 }));
const contextKey = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '!', '~'), minLength: 1, maxLength: 3 }),
  fc.stringMatching(/^[\x21-\x7e]{1,16}$/),
  fc.constantFrom('__proto__', 'constructor', 'toString', '1', '10', '9'),
);
const context = fc.dictionary(contextKey, text, { maxKeys: 4 });
const input: fc.Arbitrary<Input> = fc.record({
  organization: text,
  keyVersion: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 0xffff_ffff })),
  context,
});

const encode = ({ organization, keyVersion, context }: Input): string =>
  Buffer.from(associatedData(organization as OrganizationId, keyVersion as KeyVersion, context)).toString(
    'hex',
  );

const identity = ({ organization, keyVersion, context }: Input): string =>
  JSON.stringify([organization, keyVersion, Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** The encoding read back by its description: that this can be written at all is what injective means. */
function decode(encoded: string): Input {
  const bytes = Buffer.from(encoded, 'hex');
  let at = 0;
  const advance = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const uint32 = () => advance(4).readUInt32BE(0);
  const take = () => advance(uint32());
  const organization = take().toString('utf8');
  const header = take();
  expect(header.toString('hex', 0, 4)).toBe('534d4b01');
  expect(header.length).toBe(8);
  const pairs = Array.from(
    { length: uint32() },
    () => [take().toString('utf8'), take().toString('utf8')] as const,
  );
  expect(at).toBe(bytes.length);
  return { organization, keyVersion: header.readUInt32BE(4), context: Object.fromEntries(pairs) };
}

describe('associated data is unambiguous', () => {
  it('distinct organization, key version or context never share an encoding', () => {
    fc.assert(
      fc.property(input, input, (a, b) => {
        expect(encode(a) === encode(b)).toBe(identity(a) === identity(b));
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads back as what went in', () => {
    fc.assert(
      fc.property(input, (value) => {
        expect(identity(decode(encode(value)))).toBe(identity(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not depend on the order in which the context was written', () => {
    fc.assert(
      fc.property(context, (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        const all = { organization: ORGANIZATION, keyVersion: VERSION };
        expect(encode({ ...all, context: reversed })).toBe(encode({ ...all, context: value }));
      }),
    );
  });

  it.each([1, 2, 16, 17, 200])('sorts %i keys by code unit', (count) => {
    const keys = Array.from({ length: count }, (_, i) => `${String.fromCharCode(0x7e - (i % 90))}.${i}`);
    const context = Object.fromEntries(keys.map((key) => [key, '']));
    const all = { organization: ORGANIZATION, keyVersion: VERSION };
    expect(Object.keys(decode(encode({ ...all, context })).context)).toEqual(keys.toSorted());
  });

  it.each([
    ['an empty key', { '': 'x' }, 'bad-key'],
    ['a key with a space', { 'a b': 'x' }, 'bad-key'],
    ['a key with a line break at its end', { 'a\n': 'x' }, 'bad-key'],
    ['a key outside ASCII', { é: 'x' }, 'bad-key'],
    ['a key of 129 characters', { ['k'.repeat(129)]: 'x' }, 'bad-key'],
    ['a lone high surrogate', { a: 'x\ud800' }, 'ill-formed-text'],
    ['a lone low surrogate', { a: '\udc00x' }, 'ill-formed-text'],
    ['a value over the limit', { a: 'x'.repeat(MAX_CONTEXT_BYTES + 1) }, 'oversize'],
    ['a value over the limit only as UTF-8', { a: '世'.repeat(MAX_CONTEXT_BYTES / 2) }, 'oversize'],
    [
      'many small pairs',
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${i}`, ''])),
      'oversize',
    ],
  ])('refuses %s', (_name, bad, fault) => {
    expect(() => associatedData(ORGANIZATION, VERSION, bad)).toThrow(
      expect.objectContaining({ name: 'ContextInvalid', fault }),
    );
  });

  it('takes a context of exactly the limit', () => {
    const overhead = 4 + 4 + 1 + 4;
    const fits = (length: number) => () => associatedData(ORGANIZATION, VERSION, { a: 'x'.repeat(length) });
    expect(fits(MAX_CONTEXT_BYTES - overhead)).not.toThrow();
    expect(fits(MAX_CONTEXT_BYTES - overhead + 1)).toThrow();
  });
});
