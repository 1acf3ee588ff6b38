import { associatedData } from '../../cipher/associated-data';
import { decryptContent, encryptContent } from '../../cipher/content';
import { parseCiphertext } from '../../cipher/format';
import { MAX_ITEM_BYTES } from '../../cipher/limits';
import { XaesKey } from '../../cipher/xaes';
import type { KeyVersion, OrganizationId } from '../../domain/ids';
import file from './vectors/cipher.json';

const vectors = file.vectors.map((vector) => ({
  name: vector.name,
  key: Buffer.from(vector.key, 'hex'),
  organization: vector.organization as OrganizationId,
  keyVersion: vector.keyVersion as KeyVersion,
  context: vector.context as unknown as Record<string, string>,
  nonce: Buffer.from(vector.nonce, 'hex'),
  plaintext: Buffer.from(vector.plaintext, 'hex'),
  associatedData: Buffer.from(vector.associatedData, 'hex'),
  ciphertext: Buffer.from(vector.ciphertext, 'hex'),
}));

describe('ciphertext format 1 is fixed', () => {
  it.each(vectors)('$name', (vector) => {
    const key = new XaesKey(vector.key);
    const { organization, keyVersion, context, plaintext, ciphertext } = vector;
    expect(encryptContent(key, organization, keyVersion, plaintext, context, () => vector.nonce)).toEqual(
      ciphertext,
    );
    expect(decryptContent(key, organization, keyVersion, ciphertext, context)).toEqual(plaintext);
    expect(Buffer.from(associatedData(organization, keyVersion, context))).toEqual(vector.associatedData);
  });
});

describe('what is not of the format is malformed, and says how', () => {
  const good = vectors[1]?.ciphertext ?? Buffer.alloc(0);
  const changed = (at: number, byte: number) => {
    const copy = Buffer.from(good);
    copy[at] = byte;
    return copy;
  };

  it.each([
    ['nothing at all', Buffer.alloc(0), 'truncated'],
    ['a header without the rest', good.subarray(0, 8), 'truncated'],
    ['one byte less than an empty plaintext takes', good.subarray(0, 47), 'truncated'],
    ['another magic', changed(0, 0x54), 'unknown-format'],
    ['a later format', changed(3, 2), 'unknown-format'],
    ['rubbish', Buffer.alloc(200, 0xa5), 'unknown-format'],
    ['key version 0', changed(7, 0), 'bad-key-version'],
    ['one byte over the largest', Buffer.alloc(MAX_ITEM_BYTES + 49), 'oversize'],
  ])('%s', (_name, bytes, fault) => {
    expect(() => parseCiphertext(bytes)).toThrow(
      expect.objectContaining({ name: 'CiphertextMalformed', fault }),
    );
  });

  it('takes apart without a copy', () => {
    const parsed = parseCiphertext(good);
    expect(parsed.keyVersion).toBe(1);
    expect(parsed.sealed.buffer).toBe(good.buffer);
    expect([parsed.nonce.length, parsed.sealed.length]).toEqual([24, good.length - 32]);
  });
});
