import type { Call } from '../model/call';
import type { Alias } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { authorizeIdentity, authorizeKey } from './authorize';
import type { Output } from './cryptography';
import { type Input, keyIdIn, required, text } from './fields';
import { stateRefusal } from './key-states';
import { aliasNamed, keyById } from './lookup';
import { page } from './paging';

/** https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html: permission is needed on the alias and on the key. */

export function createAlias(call: Call, input: Input): Output {
  const { name, target } = aliasAndTarget(call, input);
  if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '');
  const arn = aliasArn(call, name);
  authorizeIdentity(call, arn);
  const key = keyById(call, target);
  authorizeKey(call, key);
  if (key.state === 'PendingDeletion')
    throw stateRefusal(key) ?? new AwsError('KMSInvalidStateException', '');
  if (aliasNamed(call, name) !== undefined)
    throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
  const now = call.world.clock();
  call.world.state.aliases.set(arn, {
    name,
    arn,
    account: call.caller.account,
    region: call.region,
    createdAt: now,
    updatedAt: now,
    targetArn: key.arn,
  });
  call.notes.changed = true;
  return {};
}

/** Both keys must be of the same kind and usage, and both are asked for permission. */
export function updateAlias(call: Call, input: Input): Output {
  const { name, target } = aliasAndTarget(call, input);
  authorizeIdentity(call, aliasArn(call, name));
  const alias = existing(call, name);
  const before = call.world.state.keys.get(alias.targetArn);
  if (before !== undefined) authorizeKey(call, before);
  const key = keyById(call, target);
  authorizeKey(call, key);
  if (key.state === 'PendingDeletion')
    throw stateRefusal(key) ?? new AwsError('KMSInvalidStateException', '');
  const sameKind =
    before === undefined ||
    ((before.keySpec === 'SYMMETRIC_DEFAULT') === (key.keySpec === 'SYMMETRIC_DEFAULT') &&
      before.keyUsage === key.keyUsage);
  if (!sameKind) {
    throw new AwsError(
      'ValidationException',
      `Alias ${alias.arn} cannot be changed from a key with usage ${before.keyUsage} to one with usage ${key.keyUsage}`,
    );
  }
  alias.targetArn = key.arn;
  alias.updatedAt = call.world.clock();
  call.notes.changed = true;
  return {};
}

export function deleteAlias(call: Call, input: Input): Output {
  const name = aliasNameIn(input);
  call.notes.parameters = { aliasName: name };
  authorizeIdentity(call, aliasArn(call, name));
  const alias = existing(call, name);
  const key = call.world.state.keys.get(alias.targetArn);
  if (key !== undefined) authorizeKey(call, key);
  call.world.state.aliases.delete(alias.arn);
  call.notes.changed = true;
  return {};
}

export function listAliases(call: Call, input: Input): Output {
  const name = keyIdIn(input);
  authorizeIdentity(call, '*');
  const target = name === undefined ? undefined : keyById(call, name).arn;
  const aliases = [...call.world.state.aliases.values()].filter(
    (a) =>
      a.account === call.caller.account &&
      a.region === call.region &&
      (target === undefined || a.targetArn === target),
  );
  const { items, rest } = page(input, aliases, 50);
  return {
    Aliases: items.map((a) => ({
      AliasName: a.name,
      AliasArn: a.arn,
      TargetKeyId: a.targetArn.slice(a.targetArn.indexOf('key/') + 4),
      CreationDate: a.createdAt / 1000,
      LastUpdatedDate: a.updatedAt / 1000,
    })),
    ...rest,
  };
}

function aliasAndTarget(call: Call, input: Input): { name: string; target: string } {
  const name = aliasNameIn(input);
  const target = required(keyIdIn(input, 'TargetKeyId'), 'targetKeyId');
  call.notes.parameters = { aliasName: name, targetKeyId: target };
  return { name, target };
}

function aliasNameIn(input: Input): string {
  const name = required(
    text(input, 'AliasName', { min: 1, max: 256, pattern: /^[a-zA-Z0-9:/_-]+$/ }),
    'aliasName',
  );
  if (!name.startsWith('alias/')) throw new AwsError('ValidationException', `Invalid identifier: ${name}`);
  return name;
}

function aliasArn(call: Call, name: string): string {
  return `arn:aws:kms:${call.region}:${call.caller.account}:${name}`;
}

function existing(call: Call, name: string): Alias {
  const alias = aliasNamed(call, name);
  if (alias === undefined)
    throw new AwsError('NotFoundException', `Alias ${aliasArn(call, name)} is not found.`);
  return alias;
}
