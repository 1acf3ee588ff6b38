import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { Material } from '../model/state';
import type { EncryptionContext } from './fields';

/**
 * Ciphertext of a symmetric key. Opaque to callers, like AWS's; the layout is our own:
 *
 *     4 version · 1 kind of key id · 16 key id · 32 material id · 12 nonce · 16 tag · 16 header MAC · ciphertext
 *
 * AES-256-GCM under the key material; the header and the encryption context are its additional data. The MAC, under
 * the service's own secret, lets the service trust the key id before it touches the key, so that every flipped bit
 * is an invalid ciphertext and never "another key".
 */
const version = Buffer.from([1, 2, 2, 0]);
const sizes = { header: 53, nonce: 12, tag: 16, mac: 16 };
const overhead = sizes.header + sizes.nonce + sizes.tag + sizes.mac;

export interface BlobHeader {
  readonly keyId: string;
  readonly materialId: string;
}

export function seal(
  serviceSecret: Buffer,
  keyId: string,
  material: Material,
  nonce: Buffer,
  plaintext: Buffer,
  context: EncryptionContext,
): Buffer {
  const header = headerOf(keyId, material.id);
  const cipher = createCipheriv('aes-256-gcm', secretOf(material), nonce, { authTagLength: 16 });
  cipher.setAAD(additionalData(header, context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), mac(serviceSecret, header), sealed]);
}

/** Whose ciphertext this is; undefined if it isn't one of ours, or isn't whole. */
export function readHeader(serviceSecret: Buffer, blob: Buffer): BlobHeader | undefined {
  if (blob.length < overhead || !blob.subarray(0, 4).equals(version)) return undefined;
  const header = blob.subarray(0, sizes.header);
  if (!timingSafeEqual(mac(serviceSecret, header), blob.subarray(overhead - sizes.mac, overhead)))
    return undefined;
  return { keyId: keyIdOf(header), materialId: header.subarray(21, 53).toString('hex') };
}

/** undefined if the blob or the context isn't what was sealed. */
export function open(material: Material, blob: Buffer, context: EncryptionContext): Buffer | undefined {
  const header = blob.subarray(0, sizes.header);
  const nonce = blob.subarray(sizes.header, sizes.header + sizes.nonce);
  const tag = blob.subarray(sizes.header + sizes.nonce, sizes.header + sizes.nonce + sizes.tag);
  const decipher = createDecipheriv('aes-256-gcm', secretOf(material), nonce, { authTagLength: 16 });
  decipher.setAAD(additionalData(header, context));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(blob.subarray(overhead)), decipher.final()]);
  } catch {
    return undefined;
  }
}

const secrets = new WeakMap<Material, Buffer>();

function secretOf(material: Material): Buffer {
  const known = secrets.get(material);
  if (known !== undefined) return known;
  const secret = Buffer.from(material.secret ?? '', 'base64');
  secrets.set(material, secret);
  return secret;
}

function headerOf(keyId: string, materialId: string): Buffer {
  const multiRegion = keyId.startsWith('mrk-');
  const id = Buffer.from(keyId.replace(/^mrk-/, '').replace(/-/g, ''), 'hex');
  return Buffer.concat([version, Buffer.from([multiRegion ? 1 : 0]), id, Buffer.from(materialId, 'hex')]);
}

function keyIdOf(header: Buffer): string {
  const hex = header.subarray(5, 21).toString('hex');
  if (header[4] === 1) return `mrk-${hex}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function mac(serviceSecret: Buffer, header: Buffer): Buffer {
  return createHmac('sha256', serviceSecret).update(header).digest().subarray(0, sizes.mac);
}

/** Order of the pairs doesn't matter to KMS, case does; lengths keep pairs apart. */
function additionalData(header: Buffer, context: EncryptionContext): Buffer {
  const names = Object.keys(context);
  if (names.length === 0) return header;
  const pairs = names.sort().flatMap((name) => [lengthPrefixed(name), lengthPrefixed(context[name] ?? '')]);
  return Buffer.concat([header, ...pairs]);
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
