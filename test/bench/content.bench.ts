/**
 * Content encryption alone, 1 KiB, beside bare AES-256-GCM of node:crypto with a random 12-byte nonce, per
 * second of CPU (all threads of the process, so that collecting garbage counts).
 * The reference is the least one could do: it doesn't even join nonce, ciphertext and tag into one buffer.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { decryptContent, encryptContent } from '../../cipher/content';
import { XaesKey } from '../../cipher/xaes';
import type { KeyVersion, OrganizationId } from '../../domain/ids';
import { comparePairs, cpuSeconds } from './pairs';
import type { BenchResult } from './result';

const PAIRS = 15;
const OPERATIONS = 60_000;
const BYTES = 1024;
const TARGET = 0.5;

const ORGANIZATION = '4f2c7f0e-6c1d-4a57-9b0f-3f1c0a6f2d11' as OrganizationId;
const VERSION = 1 as KeyVersion;
const CONTEXT = { table: 'documents', column: 'body', row: '7d1f9c52' };

export async function contentBench(): Promise<BenchResult[]> {
  const bytes = randomBytes(32);
  const key = new XaesKey(bytes);
  const plaintext = randomBytes(BYTES);
  const sealed = encryptContent(key, ORGANIZATION, VERSION, plaintext, CONTEXT, randomBytes);
  const bare = bareEncrypt(bytes, plaintext);
  try {
    return [
      await compare(
        'content encrypt 1 KiB, per CPU-second, beside bare AES-256-GCM',
        () => encryptContent(key, ORGANIZATION, VERSION, plaintext, CONTEXT, randomBytes),
        () => bareEncrypt(bytes, plaintext),
      ),
      await compare(
        'content decrypt 1 KiB, per CPU-second, beside bare AES-256-GCM',
        () => decryptContent(key, ORGANIZATION, VERSION, sealed, CONTEXT),
        () => bareDecrypt(bytes, bare),
      ),
    ];
  } finally {
    key.destroy();
  }
}

interface BareMessage {
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

function bareEncrypt(key: Uint8Array, plaintext: Uint8Array): BareMessage {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { nonce, ciphertext, tag: cipher.getAuthTag() };
}

function bareDecrypt(key: Uint8Array, { nonce, ciphertext, tag }: BareMessage): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  decipher.final();
  return plaintext;
}

function compare(name: string, ours: () => void, reference: () => void): Promise<BenchResult> {
  return comparePairs(
    { name, unit: 'operations per CPU-second', pairs: PAIRS, bound: 'at-least', target: TARGET },
    () => rate(ours),
    () => rate(reference),
  );
}

async function rate(operation: () => void): Promise<number> {
  const seconds = await cpuSeconds(() => {
    for (let i = 0; i < OPERATIONS; i++) operation();
  });
  return OPERATIONS / seconds;
}
