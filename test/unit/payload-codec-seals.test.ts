import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import { faultCode, payloadFaultIn } from '../../domain/intake/payload-fault';
import { codecKeys, createPayloadCodec, type SealContext } from '../../runtime/payload-codec';

const secret = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const FIRST = { id: 'first', secret: secret(1) };
const SECOND = { id: 'second', secret: secret(2) };
const contextOf = (keys = [FIRST], deployment = 'novantra-test'): SealContext => ({
  keys: codecKeys(keys),
  deployment,
  random: (bytes) => new Uint8Array(randomBytes(bytes)),
});
const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
const json = (value: unknown): Payload => ({
  metadata: { encoding: utf8('json/plain') },
  data: utf8(JSON.stringify(value)),
});
const textOf = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();
const plain = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, textOf(value)])),
  data: Buffer.from(data ?? []).toString('hex'),
});
const one = async (codec: ReturnType<typeof createPayloadCodec>, payload: Payload) => {
  const [decoded] = await codec.decode([payload]);
  if (decoded === undefined) throw new Error('nothing came back');
  return decoded;
};
const faultIn = (payload: Payload) => payloadFaultIn(JSON.parse(textOf(payload.data)));

it('what is sealed opens to the same payload, and shows nothing of it', async () => {
  const codec = createPayloadCodec(contextOf());
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      const payload = { metadata: { encoding: utf8('json/plain'), extra: utf8('kept') }, data: utf8(text) };
      const [sealed = {}] = await codec.encode([payload]);
      expect(Object.keys(sealed.metadata ?? {}).sort()).toEqual(['encoding', 'smsk-key-id']);
      expect(textOf(sealed.metadata?.['encoding'])).toBe('binary/smsk-sealed');
      if (text.length > 8) expect(Buffer.from(sealed.data ?? []).includes(text)).toBe(false);
      expect(plain(await one(codec, sealed))).toEqual(plain(payload));
    }),
  );
});

it('the same payload is never sealed to the same bytes', async () => {
  const codec = createPayloadCodec(contextOf());
  const [first, second] = await codec.encode([json('a'), json('a')]);
  expect(textOf(first?.data)).not.toBe(textOf(second?.data));
});

/** What this format is, for good: an open history may be months old. */
it('fixed vectors', async () => {
  const context = { ...contextOf(), random: (bytes: number) => new Uint8Array(bytes).fill(9) };
  const codec = createPayloadCodec(context);
  const [sealed] = await codec.encode([json({ organization: 'acme' })]);
  expect(plain(sealed ?? {})).toEqual({
    metadata: { encoding: 'binary/smsk-sealed', 'smsk-key-id': 'first' },
    data: VECTOR,
  });
  const opened = await one(codec, { metadata: sealed?.metadata ?? null, data: Buffer.from(VECTOR, 'hex') });
  expect(textOf(opened.data)).toBe('{"organization":"acme"}');
});
const VECTOR =
  '01090909090909090909090909c40f27d1b51263af1c3b2e26c0baa72dbba610b442fd5ddf403a770f9e3598c0566784a3829a175f1d6a43733db1d82463cdb7039f57c2bd768f1a715af9894b8944085b4286fc1f1d61';

it('an old key opens what it sealed; the new one seals', async () => {
  const [before = {}] = await createPayloadCodec(contextOf([FIRST])).encode([json('before')]);
  const rotated = createPayloadCodec(contextOf([SECOND, FIRST]));
  expect(textOf((await one(rotated, before)).data)).toBe('"before"');
  const [after = {}] = await rotated.encode([json('after')]);
  expect(textOf(after.metadata?.['smsk-key-id'])).toBe('second');
  const retired = createPayloadCodec(contextOf([SECOND]));
  expect(faultIn(await one(retired, before))).toMatchObject({ kind: 'key-unknown' });
});

it('another deployment’s payload, another key’s under this id, and any changed byte don’t open', async () => {
  const codec = createPayloadCodec(contextOf());
  const [sealed = {}] = await codec.encode([json({ organization: 'acme' })]);
  const other = createPayloadCodec(contextOf([FIRST], 'novantra-other'));
  expect(faultIn(await one(other, sealed))).toMatchObject({ kind: 'damaged' });
  const foreign = createPayloadCodec(contextOf([{ ...FIRST, secret: secret(3) }]));
  expect(faultIn(await one(foreign, sealed))).toMatchObject({ kind: 'damaged' });
  const bytes = sealed.data ?? new Uint8Array();
  for (let at = 0; at < bytes.length; at += 1) {
    const data = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
    expect(faultIn(await one(codec, { metadata: sealed.metadata ?? null, data }))).toMatchObject({
      kind: 'damaged',
    });
  }
});

it('inv07: what came past the codec becomes a marker that holds nothing of it', async () => {
  const codec = createPayloadCodec(contextOf());
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----';
  for (const [payload, expected] of [
    [json({ organization: 'acme' }), { kind: 'unsealed', detector: null }],
    [json({ organization: 'acme', note: pem }), { kind: 'unsealed', detector: 'pem', field: 'input/note' }],
    [
      { metadata: { encoding: utf8('binary/plain') }, data: utf8(pem) },
      { kind: 'unsealed', detector: 'pem' },
    ],
    [
      { metadata: { encoding: utf8(`x${pem}`) }, data: utf8('{}') },
      { kind: 'unsealed', detector: null },
    ],
    [json({ 'smsk:payload-fault': { kind: 'malformed' } }), { kind: 'unsealed' }],
  ] as const) {
    const decoded = await one(codec, payload as Payload);
    expect(faultIn(decoded)).toMatchObject(expected);
    expect(textOf(decoded.data)).not.toContain('MIIEvQ');
  }
});

it('decoding never throws: 10,000 hostile payloads, each answered by a marker', async () => {
  const codec = createPayloadCodec(contextOf());
  const [good = {}] = await codec.encode([json('x')]);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constant(undefined),
    fc.constant(null),
    fc.constant([] as unknown as Uint8Array),
    fc.constant('text' as unknown as Uint8Array),
    fc.constant(utf8(`${'['.repeat(20_000)}`)),
    fc.constant(good.data),
  );
  const name = fc.oneof(
    fc.constant('encoding'),
    fc.constant('smsk-key-id'),
    fc.constant('__proto__'),
    fc.string(),
  );
  const value = fc.oneof(
    bytes,
    fc.constant(utf8('binary/smsk-sealed')),
    fc.constant(utf8('json/plain')),
    fc.constant(utf8('first')),
  );
  const metadata = fc.oneof(
    fc.dictionary(name, value),
    fc.constant(null),
    fc.record({
      encoding: fc.constant(utf8('binary/smsk-sealed')),
      'smsk-key-id': fc.constantFrom(utf8('first'), utf8('x')),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.record({ metadata, data: bytes }), async (hostile) => {
      const decoded = await one(codec, hostile as Payload);
      const isUntouched = hostile.data === good.data && textOf(decoded.data) === '"x"';
      if (isUntouched) return;
      const fault = faultIn(decoded);
      expect(fault).not.toBeNull();
      if (fault !== null) expect(['PAYLOAD_UNSEALED', 'PAYLOAD_UNREADABLE']).toContain(faultCode(fault));
    }),
    { numRuns: 10_000 },
  );
  for (const absurd of [null, undefined, 7, 'x', []])
    expect(await codec.decode([absurd as unknown as Payload])).toHaveLength(1);
});

it.each([
  ['none', []],
  ['a short one', [{ id: 'a', secret: 'AAAA' }]],
  ['one twice', [FIRST, FIRST]],
])('keys that aren’t keys end the start: %s', (_, keys) => {
  expect(() => codecKeys(keys)).toThrow();
});
