import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { decryptContent, encryptContent } from '../../cipher/content';
import { CiphertextRejected, PlaintextOversize } from '../../cipher/content-errors';
import { MAX_ITEM_BYTES } from '../../cipher/limits';
import { XaesKey } from '../../cipher/xaes';
import type { KeyVersion, OrganizationId } from '../../domain/ids';

const organization = fc.uuid().map((id) => id as OrganizationId);
const keyVersion = fc.integer({ min: 1, max: 0xffff_ffff }).map((version) => version as KeyVersion);
const context = fc.dictionary(
  fc.stringMatching(/^[\x21-\x7e]{1,12}$/),
  fc.string({ unit: 'binary', maxLength: 20 }),
  {
    maxKeys: 4,
  },
);
const item = fc.record({
  key: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new XaesKey(bytes)),
  organization,
  keyVersion,
  plaintext: fc.uint8Array({ maxLength: 300 }),
  context,
});
type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

const encrypt = (i: Item) =>
  encryptContent(i.key, i.organization, i.keyVersion, i.plaintext, i.context, randomBytes);
const decrypt = (i: Item, ciphertext: Uint8Array) =>
  decryptContent(i.key, i.organization, i.keyVersion, ciphertext, i.context);

/** Rejected, and no differently from any other rejection. */
function expectRejected(attempt: () => unknown): void {
  let thrown: unknown;
  try {
    attempt();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CiphertextRejected);
  expect({ ...(thrown as object) }).toEqual({ name: 'CiphertextRejected' });
  expect((thrown as Error).message).toBe('the ciphertext was rejected');
  expect((thrown as Error).cause).toBeUndefined();
}

describe('content decrypts to what was encrypted', () => {
  it('for any content', () => {
    fc.assert(
      fc.property(item, (i) => {
        const ciphertext = encrypt(i);
        expect(ciphertext.length).toBe(i.plaintext.length + 48);
        expect(new Uint8Array(decrypt(i, ciphertext))).toEqual(i.plaintext);
      }),
      { numRuns: 500 },
    );
  });

  it('up to the largest item, and not beyond', () => {
    const key = new XaesKey(randomBytes(32));
    const id = '4f2c7f0e-6c1d-4a57-9b0f-3f1c0a6f2d11' as OrganizationId;
    const encryptSize = (size: number) =>
      encryptContent(key, id, 1 as KeyVersion, Buffer.alloc(size, 3), {}, randomBytes);
    const plaintext = decryptContent(key, id, 1 as KeyVersion, encryptSize(MAX_ITEM_BYTES), {});
    expect(plaintext.equals(Buffer.alloc(MAX_ITEM_BYTES, 3))).toBe(true);
    expect(() => encryptSize(MAX_ITEM_BYTES + 1)).toThrow(PlaintextOversize);
  });

  it('into a buffer that shares its memory with nothing else', () => {
    fc.assert(
      fc.property(item, (i) => {
        const plaintext = decrypt(i, encrypt(i));
        expect(plaintext.buffer.byteLength).toBe(plaintext.length);
      }),
    );
  });

  it('draws a fresh nonce of 24 bytes for each ciphertext', () => {
    const key = new XaesKey(randomBytes(32));
    const sizes: number[] = [];
    const random = (size: number) => {
      sizes.push(size);
      return Buffer.alloc(size, sizes.length);
    };
    const nonces = [1, 2, 3].map(() =>
      encryptContent(key, 'o' as OrganizationId, 1 as KeyVersion, Buffer.from('same'), {}, random).toString(
        'hex',
        8,
        32,
      ),
    );
    expect(sizes).toEqual([24, 24, 24]);
    expect(nonces).toEqual(['01'.repeat(24), '02'.repeat(24), '03'.repeat(24)]);
  });

  it('refuses a random source that gives too little, and an impossible key version', () => {
    const key = new XaesKey(randomBytes(32));
    const attempt = (version: number, random: (size: number) => Uint8Array) => () =>
      encryptContent(key, 'o' as OrganizationId, version as KeyVersion, Buffer.alloc(1), {}, random);
    expect(attempt(1, () => Buffer.alloc(12))).toThrow(RangeError);
    for (const version of [0, -1, 1.5, 2 ** 32, Number.NaN])
      expect(attempt(version, randomBytes)).toThrow(RangeError);
  });
});

describe('content is rejected, without detail', () => {
  it('when any bit of nonce, ciphertext or tag is flipped', () => {
    const fixed = fc.sample(item, { numRuns: 1, seed: 7 })[0];
    if (fixed === undefined) throw new Error('no sample');
    const ciphertext = encrypt({ ...fixed, plaintext: randomBytes(40) });
    for (let bit = 8 * 8; bit < ciphertext.length * 8; bit++) {
      const flipped = Buffer.from(ciphertext);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expectRejected(() => decrypt(fixed, flipped));
    }
  });

  it('when any bit of the header is flipped, even for one who asks for the version it then names', () => {
    fc.assert(
      fc.property(item, fc.integer({ min: 0, max: 63 }), (i, bit) => {
        const flipped = encrypt(i);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const named = flipped.readUInt32BE(4) as KeyVersion;
        if (bit < 32 || named === 0) {
          expect(() => decrypt(i, flipped)).toThrow(expect.objectContaining({ name: 'CiphertextMalformed' }));
        } else {
          expectRejected(() => decrypt(i, flipped));
          expectRejected(() => decrypt({ ...i, keyVersion: named }, flipped));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('when it was cut short or something follows it', () => {
    fc.assert(
      fc.property(item, fc.uint8Array({ minLength: 1, maxLength: 20 }), (i, extra) => {
        const ciphertext = encrypt({ ...i, plaintext: Buffer.concat([i.plaintext, extra]) });
        expectRejected(() => decrypt(i, ciphertext.subarray(0, ciphertext.length - extra.length)));
        expectRejected(() => decrypt(i, Buffer.concat([ciphertext, extra])));
      }),
    );
  });

  it('for another organization, version, context or key', () => {
    fc.assert(
      fc.property(item, item, (mine, other) => {
        const ciphertext = encrypt(mine);
        fc.pre(mine.organization !== other.organization && mine.keyVersion !== other.keyVersion);
        expectRejected(() => decrypt({ ...mine, organization: other.organization }, ciphertext));
        expectRejected(() => decrypt({ ...mine, keyVersion: other.keyVersion }, ciphertext));
        expectRejected(() => decrypt({ ...mine, context: { ...mine.context, 'one-more': '' } }, ciphertext));
        for (const name of Object.keys(mine.context)) {
          const { [name]: value = '', ...without } = mine.context;
          expectRejected(() => decrypt({ ...mine, context: without }, ciphertext));
          expectRejected(() =>
            decrypt({ ...mine, context: { ...without, [name]: `${value}.` } }, ciphertext),
          );
        }
        expectRejected(() => decrypt({ ...mine, key: new XaesKey(randomBytes(32)) }, ciphertext));
      }),
      { numRuns: 300 },
    );
  });
});
