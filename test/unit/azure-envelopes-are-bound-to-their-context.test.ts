import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { KeyVersion, OrganizationId } from '../../domain/ids';
import type { WrapContext } from '../../domain/ports/provider';
import { bind, keyBoundTo } from '../../providers/azure-key-vault/bound-key';

interface Vector {
  readonly context: WrapContext;
  readonly key: string;
  readonly bound: string;
}
const vectors = JSON.parse(
  readFileSync(join(__dirname, 'vectors/azure-bound-key.json'), 'utf8'),
) as readonly Vector[];
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

test.each(vectors)('the format is fixed: $context', ({ context, key, bound }) => {
  expect(bind(bytes(key), context)).toEqual(bytes(bound));
  expect(keyBoundTo(bytes(bound), context)).toEqual(bytes(key));
});

test('what is bound to one context is refused under every other', () => {
  for (const [i, { bound }] of vectors.entries())
    for (const [j, { context }] of vectors.entries())
      if (i !== j) expect(keyBoundTo(bytes(bound), context)).toBeNull();
});

const context: fc.Arbitrary<WrapContext> = fc.record({
  organization: fc.uuid().map((text) => text as OrganizationId),
  purpose: fc.constantFrom('workspace-key' as const, 'canary' as const),
  keyVersion: fc.integer({ min: 1 }).map((number) => number as KeyVersion),
});

test('contexts that differ never share a digest, and none opens another’s', () => {
  fc.assert(
    fc.property(context, context, fc.uint8Array({ minLength: 1, maxLength: 157 }), (one, other, key) => {
      expect(keyBoundTo(bind(key, one), one)).toEqual(key);
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(keyBoundTo(bind(key, one), other) === null).toBe(!isSame);
    }),
  );
});

test('every altered byte of the header, and every other length, is refused', () => {
  for (const { context: bindingTo, bound } of vectors.slice(0, 1)) {
    const good = bytes(bound);
    for (let at = 0; at < 33; at += 1) {
      const altered = Uint8Array.from(good);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(keyBoundTo(altered, bindingTo)).toBeNull();
    }
    for (const length of [0, 1, 32, 33]) expect(keyBoundTo(good.subarray(0, length), bindingTo)).toBeNull();
  }
});

test('a key is a copy, and fits RSA-2048 with OAEP and SHA-256', () => {
  const key = new Uint8Array(32).fill(7);
  const [vector] = vectors;
  if (vector === undefined) throw new Error('no vectors');
  const bound = bind(key, vector.context);
  expect(bound.length).toBeLessThanOrEqual(256 - 2 * 32 - 2);
  const opened = keyBoundTo(bound, vector.context);
  bound.fill(0);
  expect(opened).toEqual(key);
});
