import type { Call } from '../model/call';
import type { KmsKey, Material } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { authorizeKey, deniedForCiphertext } from './authorize';
import { open, readHeader, seal } from './blob';
import {
  blob,
  type EncryptionContext,
  encryptionContext,
  flag,
  type Input,
  integer,
  keyIdIn,
  refuseGrantTokens,
  required,
  text,
} from './fields';
import { requireUsable } from './key-states';
import { keyNamed, keyOfBlob } from './lookup';
import { currentMaterial } from './material';
import { rsaAlgorithms, rsaDecrypt, rsaEncrypt } from './rsa';

/**
 * Encrypt, Decrypt, ReEncrypt and the data keys, each as its page of
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html says. The order of checks is: shape of
 * the request, key, permission, key usage, key state, DryRun, cryptography.
 */
export type Output = Record<string, unknown>;

const plaintextMost = 4096;
const ciphertextMost = 6144;
const symmetric = 'SYMMETRIC_DEFAULT';

export function encrypt(call: Call, input: Input): Output {
  const name = required(keyIdIn(input), 'keyId');
  const plaintext = required(blob(input, 'Plaintext', plaintextMost), 'plaintext');
  const context = encryptionContext(input);
  const algorithm = algorithmIn(input, 'EncryptionAlgorithm');
  note(call, { keyId: name, encryptionAlgorithm: algorithm }, context, input);
  const key = keyFor(call, input, name, context, algorithm);
  return {
    CiphertextBlob: encryptUnder(call, key, algorithm, plaintext, context).toString('base64'),
    EncryptionAlgorithm: algorithm,
    KeyId: key.arn,
  };
}

export function decrypt(call: Call, input: Input): Output {
  const ciphertext = required(blob(input, 'CiphertextBlob', ciphertextMost), 'ciphertextBlob');
  const context = encryptionContext(input);
  const algorithm = algorithmIn(input, 'EncryptionAlgorithm');
  const name = keyIdIn(input);
  refuseUnemulated(input);
  note(
    call,
    name === undefined ? { encryptionAlgorithm: algorithm } : { encryptionAlgorithm: algorithm, keyId: name },
    context,
    input,
  );
  const opened = decryptWith(call, input, { ciphertext, context, algorithm, name, action: 'Decrypt' });
  return {
    KeyId: opened.key.arn,
    Plaintext: opened.plaintext.toString('base64'),
    EncryptionAlgorithm: algorithm,
    ...(algorithm === symmetric ? { KeyMaterialId: opened.material.id } : {}),
  };
}

export function reEncrypt(call: Call, input: Input): Output {
  const ciphertext = required(blob(input, 'CiphertextBlob', ciphertextMost), 'ciphertextBlob');
  const from = encryptionContext(input, 'SourceEncryptionContext');
  const to = encryptionContext(input, 'DestinationEncryptionContext');
  const fromAlgorithm = algorithmIn(input, 'SourceEncryptionAlgorithm');
  const toAlgorithm = algorithmIn(input, 'DestinationEncryptionAlgorithm');
  const sourceName = keyIdIn(input, 'SourceKeyId');
  const destinationName = required(keyIdIn(input, 'DestinationKeyId'), 'destinationKeyId');
  call.notes.parameters = {
    sourceEncryptionContext: from,
    destinationEncryptionContext: to,
    sourceEncryptionAlgorithm: fromAlgorithm,
    destinationEncryptionAlgorithm: toAlgorithm,
    ...(sourceName === undefined ? {} : { sourceKeyId: sourceName }),
    destinationKeyId: destinationName,
  };
  refuseGrantTokens(input);
  refuseUnemulated(input);
  const destination = keyNamed(call, destinationName);
  authorizeKey(
    call,
    destination.key,
    { context: to, alias: destination.alias, algorithm: toAlgorithm },
    'ReEncryptTo',
  );
  requireFit(destination.key, 'ReEncrypt', toAlgorithm);
  requireUsable(destination.key);
  const source = {
    ciphertext,
    context: from,
    algorithm: fromAlgorithm,
    name: sourceName,
    action: 'ReEncryptFrom',
  };
  const opened = decryptWith(call, input, source);
  return {
    CiphertextBlob: encryptUnder(call, destination.key, toAlgorithm, opened.plaintext, to).toString('base64'),
    SourceKeyId: opened.key.arn,
    KeyId: destination.key.arn,
    SourceEncryptionAlgorithm: fromAlgorithm,
    DestinationEncryptionAlgorithm: toAlgorithm,
    SourceKeyMaterialId: opened.material.id,
    DestinationKeyMaterialId: currentMaterial(destination.key).id,
  };
}

export function generateDataKey(call: Call, input: Input): Output {
  const { plaintext, output } = dataKey(call, input);
  return { ...output, Plaintext: plaintext.toString('base64') };
}

export function generateDataKeyWithoutPlaintext(call: Call, input: Input): Output {
  return dataKey(call, input).output;
}

function dataKey(call: Call, input: Input): { plaintext: Buffer; output: Output } {
  const name = required(keyIdIn(input), 'keyId');
  const spec = text(input, 'KeySpec', { oneOf: ['AES_256', 'AES_128'] });
  const bytes = integer(input, 'NumberOfBytes', 1, 1024);
  if ((spec === undefined) === (bytes === undefined)) {
    throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  refuseUnemulated(input);
  const context = encryptionContext(input);
  note(
    call,
    { keyId: name, ...(spec === undefined ? { numberOfBytes: bytes } : { keySpec: spec }) },
    context,
    input,
  );
  const key = keyFor(call, input, name, context, symmetric);
  const plaintext = call.world.random(bytes ?? (spec === 'AES_256' ? 32 : 16));
  const ciphertext = encryptUnder(call, key, symmetric, plaintext, context);
  return {
    plaintext,
    output: {
      CiphertextBlob: ciphertext.toString('base64'),
      KeyId: key.arn,
      KeyMaterialId: currentMaterial(key).id,
    },
  };
}

/** The key that's to encrypt, after every check. */
function keyFor(
  call: Call,
  input: Input,
  name: string,
  context: EncryptionContext,
  algorithm: string,
): KmsKey {
  refuseGrantTokens(input);
  const { key, alias } = keyNamed(call, name);
  authorizeKey(call, key, { context, alias, algorithm });
  requireFit(key, call.action, algorithm);
  requireUsable(key);
  refuseIfDry(input);
  return key;
}

function encryptUnder(
  call: Call,
  key: KmsKey,
  algorithm: string,
  plaintext: Buffer,
  context: EncryptionContext,
): Buffer {
  const material = currentMaterial(key);
  if (algorithm !== symmetric) return rsaEncrypt(key, material, algorithm, plaintext);
  return seal(call.world.serviceSecret, key.keyId, material, call.world.random(12), plaintext, context);
}

interface Sealed {
  readonly ciphertext: Buffer;
  readonly context: EncryptionContext;
  readonly algorithm: string;
  readonly name: string | undefined;
  /** Permission that's asked for. */
  readonly action: string;
}

function decryptWith(
  call: Call,
  input: Input,
  sealed: Sealed,
): { key: KmsKey; material: Material; plaintext: Buffer } {
  refuseGrantTokens(input);
  const { context, algorithm, action } = sealed;
  const named = sealed.name === undefined ? undefined : keyNamed(call, sealed.name);
  if (named !== undefined) {
    authorizeKey(call, named.key, { context, alias: named.alias, algorithm }, action);
    if (named.key.keyUsage !== 'ENCRYPT_DECRYPT') throw incorrectKey();
  }
  if (algorithm !== symmetric) return decryptRsa(call, input, sealed, named?.key);
  const header = readHeader(call.world.serviceSecret, sealed.ciphertext);
  if (header === undefined) throw invalidCiphertext();
  if (named !== undefined && named.key.keyId !== header.keyId) throw incorrectKey();
  const key = named?.key ?? keyOfBlob(call, header.keyId);
  if (key === undefined) throw deniedForCiphertext(call);
  if (named === undefined) authorizeUnnamed(call, key, sealed);
  requireUsable(key);
  refuseIfDry(input);
  const material = key.materials.find((m) => m.id === header.materialId);
  const plaintext = material?.secret === undefined ? undefined : open(material, sealed.ciphertext, context);
  if (material === undefined || plaintext === undefined) throw invalidCiphertext();
  return { key, material, plaintext };
}

/** A caller of another account isn't told whether the key exists. */
function authorizeUnnamed(call: Call, key: KmsKey, sealed: Sealed): void {
  try {
    authorizeKey(call, key, { context: sealed.context, algorithm: sealed.algorithm }, sealed.action);
  } catch (error) {
    if (error instanceof AwsError && key.account !== call.caller.account) throw deniedForCiphertext(call);
    throw error;
  }
}

function decryptRsa(
  call: Call,
  input: Input,
  sealed: Sealed,
  key: KmsKey | undefined,
): { key: KmsKey; material: Material; plaintext: Buffer } {
  if (key === undefined)
    throw new AwsError('ValidationException', 'KeyId is required for asymmetric ciphertexts.');
  requireFit(key, call.action, sealed.algorithm);
  requireUsable(key);
  refuseIfDry(input);
  const material = currentMaterial(key);
  const plaintext = rsaDecrypt(material, sealed.algorithm, sealed.ciphertext);
  if (plaintext === undefined) throw invalidCiphertext();
  return { key, material, plaintext };
}

function requireFit(key: KmsKey, action: string, algorithm: string): void {
  if (key.keyUsage !== 'ENCRYPT_DECRYPT') {
    throw new AwsError(
      'InvalidKeyUsageException',
      `${key.arn} key usage is ${key.keyUsage} which is not valid for ${action}.`,
    );
  }
  const fits = key.keySpec === symmetric ? algorithm === symmetric : rsaAlgorithms.includes(algorithm);
  if (!fits)
    throw new AwsError(
      'InvalidKeyUsageException',
      `Algorithm ${algorithm} is incompatible with key spec ${key.keySpec}.`,
    );
}

function algorithmIn(input: Input, member: string): string {
  return text(input, member, { oneOf: [symmetric, ...rsaAlgorithms] }) ?? symmetric;
}

function refuseUnemulated(input: Input): void {
  for (const member of ['Recipient', 'DryRunModifiers']) {
    if (input[member] !== undefined)
      throw new AwsError('UnsupportedOperationException', `${member} is not emulated.`);
  }
}

function refuseIfDry(input: Input): void {
  if (flag(input, 'DryRun')) {
    throw new AwsError(
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    );
  }
}

/** KMS sends no message with this one. */
function invalidCiphertext(): AwsError {
  return new AwsError('InvalidCiphertextException', '');
}

function incorrectKey(): AwsError {
  return new AwsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );
}

function note(call: Call, facts: Record<string, unknown>, context: EncryptionContext, input: Input): void {
  call.notes.parameters = {
    ...facts,
    ...(Object.keys(context).length > 0 ? { encryptionContext: context } : {}),
    ...(flag(input, 'DryRun') ? { dryRun: true } : {}),
  };
}
