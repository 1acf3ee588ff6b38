import type { Call } from '../model/call';
import type { KmsKey } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { authorizeIdentity, authorizeKey } from './authorize';
import type { Output } from './cryptography';
import { flag, type Input, integer, keyIdIn, records, required, text } from './fields';
import { acceptKeyPolicy, defaultKeyPolicy, requireNoLockout } from './key-policies';
import { requireState } from './key-states';
import { keyById, keyNamed } from './lookup';
import { newMaterial } from './material';
import { metadataOf, usagesOf } from './metadata';
import { page } from './paging';
import { settle } from './passing-time';

/** Making keys, looking at them, and switching them off and on. */

const dayMs = 86_400_000;

export function createKey(call: Call, input: Input): Output {
  const specs = Object.keys(usagesOf);
  const keySpec =
    text(input, 'KeySpec', { oneOf: specs }) ??
    text(input, 'CustomerMasterKeySpec', { oneOf: specs }) ??
    'SYMMETRIC_DEFAULT';
  const usages = usagesOf[keySpec] ?? [];
  const keyUsage = text(input, 'KeyUsage', {
    oneOf: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'],
  });
  if (keyUsage === undefined && keySpec !== 'SYMMETRIC_DEFAULT') {
    throw new AwsError(
      'ValidationException',
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    );
  }
  if (keyUsage !== undefined && !usages.includes(keyUsage)) {
    throw new AwsError(
      'ValidationException',
      `KeyUsage ${keyUsage} is not compatible with KeySpec ${keySpec}`,
    );
  }
  const origin =
    text(input, 'Origin', { oneOf: ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'] }) ??
    'AWS_KMS';
  const elsewhere = input['CustomKeyStoreId'] !== undefined || input['XksKeyId'] !== undefined;
  if ((origin !== 'AWS_KMS' && origin !== 'EXTERNAL') || elsewhere) {
    throw new AwsError('UnsupportedOperationException', 'Custom key stores are not emulated.');
  }
  const policy = text(input, 'Policy', { min: 1, max: 131_072 });
  const description = text(input, 'Description', { max: 8192 }) ?? '';
  const multiRegion = flag(input, 'MultiRegion');
  call.notes.parameters = {
    keySpec,
    keyUsage: keyUsage ?? 'ENCRYPT_DECRYPT',
    origin,
    description,
    multiRegion,
    policy: policy ?? '',
  };
  authorizeIdentity(call, '*');
  const { world, region, caller } = call;
  const keyId = multiRegion ? `mrk-${world.uuid().replace(/-/g, '')}` : world.uuid();
  const key: KmsKey = {
    keyId,
    arn: `arn:aws:kms:${region}:${caller.account}:key/${keyId}`,
    account: caller.account,
    region,
    createdAt: world.clock(),
    description,
    keySpec,
    keyUsage: keyUsage ?? 'ENCRYPT_DECRYPT',
    origin,
    multiRegion,
    tags: new Map(records(input, 'Tags').map((t) => [t['TagKey'] ?? '', t['TagValue'] ?? ''])),
    materials: [],
    state: origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled',
    policy: policy ?? defaultKeyPolicy(caller.account),
    deletionAt: undefined,
    rotation: undefined,
  };
  acceptKeyPolicy(call, key.policy);
  if (!flag(input, 'BypassPolicyLockoutSafetyCheck')) requireNoLockout(call, key, key.policy);
  if (origin === 'AWS_KMS') key.materials.push(newMaterial(world, key, undefined));
  world.addKey(key);
  call.notes.changed = true;
  call.notes.resources.push({ accountId: key.account, type: 'AWS::KMS::Key', ARN: key.arn });
  call.notes.response = { keyMetadata: { keyId: key.keyId, arn: key.arn, keyState: key.state } };
  return { KeyMetadata: metadataOf(key) };
}

export function describeKey(call: Call, input: Input): Output {
  const name = required(keyIdIn(input), 'keyId');
  call.notes.parameters = { keyId: name };
  const { key, alias } = keyNamed(call, name);
  authorizeKey(call, key, { alias });
  return { KeyMetadata: metadataOf(key) };
}

export function listKeys(call: Call, input: Input): Output {
  authorizeIdentity(call, '*');
  const keys = [...call.world.state.keys.values()]
    .filter((k) => k.account === call.caller.account && k.region === call.region)
    .filter((k) => settle(call.world, k) !== undefined);
  const { items, rest } = page(input, keys, 100);
  return { Keys: items.map((k) => ({ KeyId: k.keyId, KeyArn: k.arn })), ...rest };
}

export function enableKey(call: Call, input: Input): Output {
  const key = keyToChange(call, input);
  requireState(key, ['Enabled', 'Disabled']);
  key.state = 'Enabled';
  return {};
}

export function disableKey(call: Call, input: Input): Output {
  const key = keyToChange(call, input);
  requireState(key, ['Enabled', 'Disabled']);
  key.state = 'Disabled';
  return {};
}

export function scheduleKeyDeletion(call: Call, input: Input): Output {
  const days = integer(input, 'PendingWindowInDays', 7, 30) ?? 30;
  const key = keyToChange(call, input, days);
  requireState(key, ['Enabled', 'Disabled', 'PendingImport', 'Unavailable']);
  key.state = 'PendingDeletion';
  key.deletionAt = call.world.clock() + days * dayMs;
  call.notes.response = {
    keyId: key.arn,
    keyState: key.state,
    deletionDate: new Date(key.deletionAt).toISOString(),
    pendingWindowInDays: days,
  };
  return {
    KeyId: key.arn,
    DeletionDate: key.deletionAt / 1000,
    KeyState: key.state,
    PendingWindowInDays: days,
  };
}

/** The key comes back disabled: enabling it is a second step. */
export function cancelKeyDeletion(call: Call, input: Input): Output {
  const key = keyToChange(call, input);
  requireState(key, ['PendingDeletion']);
  key.state =
    key.origin === 'EXTERNAL' && key.materials.at(-1)?.secret === undefined ? 'PendingImport' : 'Disabled';
  key.deletionAt = undefined;
  call.notes.response = { keyId: key.arn };
  return { KeyId: key.arn };
}

function keyToChange(call: Call, input: Input, pendingWindowDays?: number): KmsKey {
  const name = required(keyIdIn(input), 'keyId');
  call.notes.parameters = {
    keyId: name,
    ...(pendingWindowDays === undefined ? {} : { pendingWindowInDays: pendingWindowDays }),
  };
  const key = keyById(call, name);
  authorizeKey(call, key, { pendingWindowDays });
  call.notes.changed = true;
  return key;
}
