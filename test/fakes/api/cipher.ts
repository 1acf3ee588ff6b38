import type { WorkspaceCipher } from '../../../cipher';
import { CiphertextRejected } from '../../../cipher/content-errors';
import { MAX_ITEM_BYTES } from '../../../cipher/limits';
import { Refusal } from '../../../domain/failure';

const PREFIX = Buffer.from('fake1');

/** Stands for the cipher at the door: reversible, bound to organization and context, and no cryptography at all. */
export class FakeCipher implements WorkspaceCipher {
  /** Thrown by the next calls. */
  failing: Error | null = null;

  encrypt: WorkspaceCipher['encrypt'] = async (organization, plaintext, context) => {
    if (this.failing !== null) throw this.failing;
    if (plaintext.length > MAX_ITEM_BYTES) throw new Refusal('INPUT_TOO_LARGE');
    const bound = Buffer.from(JSON.stringify([organization, context]));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bound.length);
    return Buffer.concat([PREFIX, length, bound, plaintext]);
  };

  readonly decrypt: WorkspaceCipher['decrypt'] = async (organization, ciphertext, context) => {
    if (this.failing !== null) throw this.failing;
    const bytes = Buffer.from(ciphertext);
    if (!bytes.subarray(0, 5).equals(PREFIX)) throw new Refusal('CIPHERTEXT_MALFORMED', 'unknown-format');
    const end = 9 + bytes.readUInt32BE(5);
    if (bytes.subarray(9, end).toString() !== JSON.stringify([organization, context]))
      throw new CiphertextRejected();
    return bytes.subarray(end);
  };

  readonly encryptBatch: WorkspaceCipher['encryptBatch'] = (organization, items) =>
    Promise.all(items.map(({ plaintext, context }) => this.encrypt(organization, plaintext, context)));
  readonly decryptBatch: WorkspaceCipher['decryptBatch'] = (organization, items) =>
    Promise.all(items.map(({ ciphertext, context }) => this.decrypt(organization, ciphertext, context)));
  readonly settled = () => Promise.resolve();
}
