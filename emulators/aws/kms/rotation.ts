import type { Call } from '../model/call';
import type { KmsKey } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { authorizeKey } from './authorize';
import type { Output } from './cryptography';
import { type Input, integer, keyIdIn, required, text } from './fields';
import { requireRotatable, requireUsable, stateRefusal } from './key-states';
import { keyById } from './lookup';
import { newMaterial } from './material';
import { page } from './paging';

/** https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html: old material stays and decrypts what it encrypted. */

const dayMs = 86_400_000;
const onDemandMost = 25;

export function enableKeyRotation(call: Call, input: Input): Output {
  const periodDays = integer(input, 'RotationPeriodInDays', 90, 2560) ?? 365;
  const key = rotatable(call, input);
  requireUsable(key);
  key.rotation = { periodDays, nextAt: call.world.clock() + periodDays * dayMs };
  call.notes.changed = true;
  return {};
}

export function disableKeyRotation(call: Call, input: Input): Output {
  const key = rotatable(call, input);
  requireUsable(key);
  key.rotation = undefined;
  call.notes.changed = true;
  return {};
}

export function getKeyRotationStatus(call: Call, input: Input): Output {
  const key = rotatable(call, input);
  requireNotGoing(key);
  return {
    KeyId: key.arn,
    KeyRotationEnabled: key.rotation !== undefined,
    ...(key.rotation === undefined
      ? {}
      : { RotationPeriodInDays: key.rotation.periodDays, NextRotationDate: key.rotation.nextAt / 1000 }),
  };
}

/** Done at once; AWS takes a little while and refuses a second one meanwhile. */
export function rotateKeyOnDemand(call: Call, input: Input): Output {
  const key = rotatable(call, input);
  requireUsable(key);
  if (key.materials.filter((m) => m.rotation === 'ON_DEMAND').length >= onDemandMost) {
    throw new AwsError(
      'LimitExceededException',
      'The on-demand rotation limit has been exceeded for this key.',
    );
  }
  key.materials.push(newMaterial(call.world, key, 'ON_DEMAND'));
  call.notes.changed = true;
  return { KeyId: key.arn };
}

export function listKeyRotations(call: Call, input: Input): Output {
  const include =
    text(input, 'IncludeKeyMaterial', { oneOf: ['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY'] }) ?? 'ROTATIONS_ONLY';
  const key = rotatable(call, input);
  requireNotGoing(key);
  const listed = key.materials.filter((m) => include === 'ALL_KEY_MATERIAL' || m.rotation !== undefined);
  const { items, rest } = page(input, listed, 100);
  return {
    Rotations: items.map((m) => ({
      KeyId: key.keyId,
      KeyMaterialId: m.id,
      KeyMaterialState: m === key.materials.at(-1) ? 'CURRENT' : 'NON_CURRENT',
      ...(m.rotation === undefined ? {} : { RotationDate: m.createdAt / 1000, RotationType: m.rotation }),
    })),
    ...rest,
  };
}

function rotatable(call: Call, input: Input): KmsKey {
  const name = required(keyIdIn(input), 'keyId');
  call.notes.parameters = { keyId: name };
  const key = keyById(call, name);
  authorizeKey(call, key);
  requireRotatable(key);
  return key;
}

function requireNotGoing(key: KmsKey): void {
  const refusal =
    key.state === 'PendingDeletion' || key.state === 'Unavailable' ? stateRefusal(key) : undefined;
  if (refusal !== undefined) throw refusal;
}
