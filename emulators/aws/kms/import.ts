import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  timingSafeEqual,
} from 'node:crypto';
import type { Call } from '../model/call';
import type { KmsKey } from '../model/state';
import type { World } from '../model/world';
import { AwsError } from '../wire/aws-error';
import { authorizeKey } from './authorize';
import type { Output } from './cryptography';
import { blob, type Input, keyIdIn, required, text } from './fields';
import { requireState } from './key-states';
import { keyById } from './lookup';
import { materialId } from './material';

/**
 * Imported key material: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
 * Symmetric keys, RSAES_OAEP_SHA_256 wrapping, material that doesn't expire. Only the same material can be imported
 * again, as AWS demands.
 */
const algorithm = 'RSAES_OAEP_SHA_256';
const tokenLifeMs = 86_400_000;
const wrappingKeys = new WeakMap<World, string>();

export function getParametersForImport(call: Call, input: Input): Output {
  text(input, 'WrappingAlgorithm', { oneOf: [algorithm] });
  text(input, 'WrappingKeySpec', { oneOf: ['RSA_2048', 'RSA_3072', 'RSA_4096'] });
  const key = importable(call, input);
  requireState(key, ['Enabled', 'Disabled', 'PendingImport']);
  const validTo = call.world.clock() + tokenLifeMs;
  return {
    KeyId: key.arn,
    ImportToken: tokenFor(call.world, key, validTo).toString('base64'),
    PublicKey: createPublicKey(wrappingKey(call.world))
      .export({ type: 'spki', format: 'der' })
      .toString('base64'),
    ParametersValidTo: validTo / 1000,
  };
}

export function importKeyMaterial(call: Call, input: Input): Output {
  const token = required(blob(input, 'ImportToken', 6144), 'importToken');
  const wrapped = required(blob(input, 'EncryptedKeyMaterial', 6144), 'encryptedKeyMaterial');
  const expiry = text(input, 'ExpirationModel', {
    oneOf: ['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE'],
  });
  if (expiry !== 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    throw new AwsError(
      'ValidationException',
      'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES',
    );
  }
  const key = importable(call, input);
  requireState(key, ['Enabled', 'Disabled', 'PendingImport']);
  requireToken(call.world, key, token);
  const secret = unwrap(call.world, wrapped);
  const id = materialId(key.keyId, secret);
  const before = key.materials.at(-1);
  if (before !== undefined && before.id !== id) throw new AwsError('IncorrectKeyMaterialException', '');
  if (before === undefined)
    key.materials.push({ id, createdAt: call.world.clock(), rotation: undefined, secret });
  else key.materials[key.materials.length - 1] = { ...before, secret };
  if (key.state === 'PendingImport') key.state = 'Enabled';
  call.notes.changed = true;
  return { KeyId: key.arn, KeyMaterialId: id };
}

export function deleteImportedKeyMaterial(call: Call, input: Input): Output {
  const key = importable(call, input);
  requireState(key, ['Enabled', 'Disabled', 'PendingImport']);
  const material = key.materials.at(-1);
  if (material !== undefined) key.materials[key.materials.length - 1] = { ...material, secret: undefined };
  key.state = 'PendingImport';
  call.notes.changed = true;
  return { KeyId: key.arn, ...(material === undefined ? {} : { KeyMaterialId: material.id }) };
}

function importable(call: Call, input: Input): KmsKey {
  const name = required(keyIdIn(input), 'keyId');
  call.notes.parameters = { keyId: name };
  const key = keyById(call, name);
  authorizeKey(call, key);
  if (key.origin !== 'EXTERNAL' || key.keySpec !== 'SYMMETRIC_DEFAULT') {
    throw new AwsError(
      'UnsupportedOperationException',
      `${key.arn} origin is ${key.origin} which is not valid for this operation.`,
    );
  }
  return key;
}

/** Made anew at each start: parameters given out before are then refused, as expired ones are. */
function wrappingKey(world: World): string {
  const known = wrappingKeys.get(world);
  if (known !== undefined) return known;
  const made = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  wrappingKeys.set(world, made);
  return made;
}

function tokenFor(world: World, key: KmsKey, validTo: number): Buffer {
  const claims = Buffer.from(
    `${validTo} ${key.arn} ${createHash('sha256').update(wrappingKey(world)).digest('hex')}`,
  );
  return Buffer.concat([createHmac('sha256', world.serviceSecret).update(claims).digest(), claims]);
}

function requireToken(world: World, key: KmsKey, token: Buffer): void {
  const validTo = Number(token.subarray(32).toString('utf8').split(' ')[0]);
  const expected = tokenFor(world, key, validTo);
  if (token.length !== expected.length || !timingSafeEqual(token, expected))
    throw new AwsError('InvalidImportTokenException', '');
  if (validTo <= world.clock()) throw new AwsError('ExpiredImportTokenException', '');
}

function unwrap(world: World, wrapped: Buffer): string {
  try {
    const key = {
      key: createPrivateKey(wrappingKey(world)),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: 'sha256',
    };
    const bytes = privateDecrypt(key, wrapped);
    if (bytes.length === 32) return bytes.toString('base64');
  } catch {
    // Told below: AWS doesn't say more either.
  }
  throw new AwsError('InvalidCiphertextException', '');
}
