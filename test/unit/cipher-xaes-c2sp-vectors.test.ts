import { createHash } from 'node:crypto';
import { XaesKey } from '../../cipher/xaes';

// The vectors of https://c2sp.org/XAES-256-GCM.
const ascii = (text: string) => Buffer.from(text, 'ascii');
const NONCE = ascii('ABCDEFGHIJKLMNOPQRSTUVWX');
const PLAINTEXT = ascii('XAES-256-GCM');

function seal(key: XaesKey, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const out = Buffer.alloc(plaintext.length + 16);
  key.sealInto(out, 0, nonce, plaintext, aad);
  return out;
}

describe('XAES-256-GCM agrees with the C2SP vectors', () => {
  it.each([
    ["L's top bit clear", 0x01, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
    [
      "L's top bit set",
      0x03,
      'c2sp.org/XAES-256-GCM',
      '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d',
    ],
  ])('%s', (_name, keyByte, aad, expected) => {
    const key = new XaesKey(Buffer.alloc(32, keyByte));
    const sealed = seal(key, NONCE, PLAINTEXT, ascii(aad));
    expect(sealed.toString('hex')).toBe(expected);
    expect(key.open(NONCE, sealed, ascii(aad))).toEqual(PLAINTEXT);
  });

  it('10,000 accumulated iterations', () => {
    const iterations = 10_000;
    // The deterministic source is one SHAKE128 of nothing; this is more of it than the iterations can use.
    const source = createHash('shake128', { outputLength: iterations * (32 + 24 + 2 * 256) }).digest();
    let at = 0;
    const take = (length: number) => {
      at += length;
      return source.subarray(at - length, at);
    };
    const takeVector = () => take(take(1)[0] ?? 0);
    expect(source.subarray(0, 16).toString('hex')).toBe('7f9c2ba4e88f827d616045507605853e');

    const accumulated = createHash('shake128', { outputLength: 32 });
    let opened = 0;
    for (let i = 0; i < iterations; i++) {
      const key = new XaesKey(take(32));
      const nonce = take(24);
      const plaintext = takeVector();
      const aad = takeVector();
      const sealed = seal(key, nonce, plaintext, aad);
      if (key.open(nonce, sealed, aad)?.equals(plaintext)) opened++;
      accumulated.update(sealed);
      key.destroy();
    }
    expect(opened).toBe(iterations);
    expect(accumulated.digest('hex')).toBe(
      'e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939',
    );
  });
});
