import type { Call } from '../model/call';
import type { Alias, KmsKey } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { settle } from './passing-time';

/** A key as a request named it; `alias` if it was named by one. */
export interface Named {
  readonly key: KmsKey;
  readonly alias: string | undefined;
}

const keyIdShape = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Operations whose model knows InvalidArnException answer it, the others NotFoundException. */
const withoutInvalidArn = new Set([
  'Encrypt',
  'Decrypt',
  'ReEncrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'CreateAlias',
  'UpdateAlias',
  'DeleteAlias',
]);

/**
 * Key id, key ARN, alias name or alias ARN:
 * https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 * A wrong region is told apart from a missing key, as AWS does ("Invalid arn eu-west-1").
 */
export function keyNamed(call: Call, name: string): Named {
  const arn = name.startsWith('arn:')
    ? takeApart(call, name)
    : { account: call.caller.account, resource: name };
  if (arn.resource.startsWith('alias/')) {
    const aliasArn = `arn:aws:kms:${call.region}:${arn.account}:${arn.resource}`;
    const alias = call.world.state.aliases.get(aliasArn);
    const key = alias === undefined ? undefined : alive(call, alias.targetArn);
    if (key === undefined) throw new AwsError('NotFoundException', `Alias ${aliasArn} is not found.`);
    return { key, alias: arn.resource };
  }
  const keyId = name.startsWith('arn:') ? arn.resource.replace(/^key\//, '') : arn.resource;
  if (!keyIdShape.test(keyId)) throw new AwsError('NotFoundException', `Invalid keyId '${keyId}'`);
  const keyArn = `arn:aws:kms:${call.region}:${arn.account}:key/${keyId}`;
  const key = alive(call, keyArn);
  if (key === undefined) throw new AwsError('NotFoundException', `Key '${keyArn}' does not exist`);
  return { key, alias: undefined };
}

/** The same, for operations that take no alias. */
export function keyById(call: Call, name: string): KmsKey {
  if (name.startsWith('alias/') || /^arn:[^/]*:alias\//.test(name)) {
    throw new AwsError('InvalidArnException', 'Key Aliases are not supported for this operation');
  }
  return keyNamed(call, name).key;
}

/** The key whose id a ciphertext carries. */
export function keyOfBlob(call: Call, keyId: string): KmsKey | undefined {
  const key = call.world.keyById(call.region, keyId);
  return key === undefined ? undefined : alive(call, key.arn);
}

export function aliasNamed(call: Call, name: string): Alias | undefined {
  return call.world.state.aliases.get(`arn:aws:kms:${call.region}:${call.caller.account}:${name}`);
}

function takeApart(call: Call, arn: string): { account: string; resource: string } {
  const m = /^arn:(aws[\w-]*):kms:([a-z0-9-]+):(\d{12}):((?:key|alias)\/.+)$/.exec(arn);
  if (m === null) {
    throw withoutInvalidArn.has(call.action)
      ? new AwsError('NotFoundException', `Invalid arn ${arn}`)
      : new AwsError('InvalidArnException', `Invalid ARN: ${arn}`);
  }
  const [, partition, region = '', account = '', resource = ''] = m;
  if (partition !== 'aws' || region !== call.region)
    throw new AwsError('NotFoundException', `Invalid arn ${region}`);
  return { account, resource };
}

function alive(call: Call, arn: string): KmsKey | undefined {
  const key = call.world.state.keys.get(arn);
  return key === undefined ? undefined : settle(call.world, key);
}
