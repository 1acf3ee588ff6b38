import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { KeyDestroyed } from '../../cipher/content-errors';
import { XaesKey } from '../../cipher/xaes';

jest.mock('node:crypto', () => {
  const real = jest.requireActual<typeof import('node:crypto')>('node:crypto');
  return {
    ...real,
    createCipheriv: jest.fn(real.createCipheriv),
    createDecipheriv: jest.fn(real.createDecipheriv),
  };
});

const NONCE = Buffer.alloc(24, 7);
const AAD = Buffer.from('aad');
const PLAINTEXT = Buffer.from('some content of a customer');

function sealed(key: XaesKey): Buffer {
  const out = Buffer.alloc(PLAINTEXT.length + 16);
  key.sealInto(out, 0, NONCE, PLAINTEXT, AAD);
  return out;
}

/** The key buffers that were handed to AES-GCM. */
function derivedKeys(): unknown[] {
  const calls = [...jest.mocked(createCipheriv).mock.calls, ...jest.mocked(createDecipheriv).mock.calls];
  return calls.filter(([algorithm]) => algorithm === 'aes-256-gcm').map(([, key]) => key);
}

afterEach(() => jest.clearAllMocks());

describe('a key leaves nothing behind', () => {
  it('zeroes every derived key, on success and on refusal', () => {
    const key = new XaesKey(randomBytes(32));
    const message = sealed(key);
    expect(key.open(NONCE, message, AAD)).toEqual(PLAINTEXT);
    expect(key.open(NONCE, message, Buffer.from('other'))).toBeUndefined();
    expect(derivedKeys()).toHaveLength(3);
    for (const derived of derivedKeys()) expect(derived).toEqual(Buffer.alloc(32));
  });

  it('zeroes what was decrypted before a refusal', () => {
    const key = new XaesKey(randomBytes(32));
    const message = sealed(key);
    message[message.length - 1] = (message[message.length - 1] ?? 0) ^ 1;
    let decrypted: Buffer | undefined;
    const { createDecipheriv: real } = jest.requireActual<typeof import('node:crypto')>('node:crypto');
    jest.mocked(createDecipheriv).mockImplementationOnce(((...args: Parameters<typeof real>) => {
      const decipher = real(...args);
      const update = decipher.update.bind(decipher) as (data: Uint8Array) => Buffer;
      decipher.update = ((data: Uint8Array) => {
        decrypted = update(data);
        expect(decrypted).toEqual(PLAINTEXT);
        return decrypted;
      }) as typeof decipher.update;
      return decipher;
    }) as typeof real);
    expect(key.open(NONCE, message, AAD)).toBeUndefined();
    expect(decrypted).toEqual(Buffer.alloc(PLAINTEXT.length));
  });

  it('keeps no reference to the bytes it was made from', () => {
    const bytes = randomBytes(32);
    const key = new XaesKey(bytes);
    const before = sealed(key);
    bytes.fill(0);
    expect(sealed(key)).toEqual(before);
  });

  it('shows nothing when it is printed or serialized', () => {
    const key = new XaesKey(Buffer.alloc(32, 0xab));
    expect(inspect(key, { depth: null, showHidden: true })).not.toMatch(/ab/i);
    expect(JSON.stringify(key)).toBe('{}');
  });

  it('ends its own cipher and throws when used after destroy()', () => {
    const key = new XaesKey(randomBytes(32));
    const block = jest.mocked(createCipheriv).mock.results[0]?.value as ReturnType<typeof createCipheriv>;
    const message = sealed(key);
    key.destroy();
    key.destroy();
    expect(() => sealed(key)).toThrow(KeyDestroyed);
    expect(() => key.open(NONCE, message, AAD)).toThrow(KeyDestroyed);
    expect(() => block.update(Buffer.alloc(16))).toThrow();
  });

  it('refuses keys, nonces and messages of another size', () => {
    expect(() => new XaesKey(Buffer.alloc(16))).toThrow(RangeError);
    expect(() => new XaesKey(Buffer.alloc(33))).toThrow(RangeError);
    const key = new XaesKey(randomBytes(32));
    expect(() => key.sealInto(Buffer.alloc(99), 0, Buffer.alloc(12), PLAINTEXT, AAD)).toThrow(RangeError);
    expect(() => key.sealInto(Buffer.alloc(PLAINTEXT.length), 0, NONCE, PLAINTEXT, AAD)).toThrow(RangeError);
    expect(() => key.open(Buffer.alloc(25), Buffer.alloc(32), AAD)).toThrow(RangeError);
    expect(() => key.open(NONCE, Buffer.alloc(15), AAD)).toThrow(RangeError);
  });
});
