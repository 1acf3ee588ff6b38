import {
  constants,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import type { KmsKey, Material } from '../model/state';
import { AwsError } from '../wire/aws-error';

/** RSAES-OAEP for asymmetric encryption keys: https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html */
export const rsaAlgorithms = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];

export function rsaEncrypt(key: KmsKey, material: Material, algorithm: string, plaintext: Buffer): Buffer {
  const hashBytes = algorithm === 'RSAES_OAEP_SHA_256' ? 32 : 20;
  const most = Number(key.keySpec.slice(4)) / 8 - 2 * hashBytes - 2;
  if (plaintext.length > most) {
    throw new AwsError(
      'ValidationException',
      `Algorithm ${algorithm} and key spec ${key.keySpec} cannot encrypt data larger than ${most} bytes.`,
    );
  }
  return publicEncrypt({ key: createPublicKey(privateKeyOf(material)), ...padding(algorithm) }, plaintext);
}

/** undefined if the ciphertext isn't one of this key and algorithm. */
export function rsaDecrypt(material: Material, algorithm: string, ciphertext: Buffer): Buffer | undefined {
  try {
    return privateDecrypt({ key: privateKeyOf(material), ...padding(algorithm) }, ciphertext);
  } catch {
    return undefined;
  }
}

function padding(algorithm: string): { padding: number; oaepHash: string } {
  return {
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: algorithm === 'RSAES_OAEP_SHA_256' ? 'sha256' : 'sha1',
  };
}

function privateKeyOf(material: Material): KeyObject {
  return createPrivateKey(material.secret ?? '');
}
