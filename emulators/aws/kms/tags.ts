import type { Call } from '../model/call';
import type { KmsKey } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { authorizeKey } from './authorize';
import type { Output } from './cryptography';
import { type Input, keyIdIn, records, required } from './fields';
import { requireState } from './key-states';
import { keyById } from './lookup';
import { page } from './paging';

export function tagResource(call: Call, input: Input): Output {
  const tags = records(input, 'Tags');
  const key = taggable(call, input);
  for (const tag of tags) key.tags.set(tag['TagKey'] ?? '', tag['TagValue'] ?? '');
  call.notes.changed = true;
  return {};
}

export function untagResource(call: Call, input: Input): Output {
  const names = input['TagKeys'];
  if (!Array.isArray(names)) throw new AwsError('SerializationException', 'LIST_VALUE expected');
  const key = taggable(call, input);
  for (const name of names) key.tags.delete(String(name));
  call.notes.changed = true;
  return {};
}

export function listResourceTags(call: Call, input: Input): Output {
  const key = keyById(call, required(keyIdIn(input), 'keyId'));
  authorizeKey(call, key);
  const { items, rest } = page(input, [...key.tags], 50);
  return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...rest };
}

function taggable(call: Call, input: Input): KmsKey {
  const name = required(keyIdIn(input), 'keyId');
  call.notes.parameters = { keyId: name };
  const key = keyById(call, name);
  authorizeKey(call, key);
  requireState(key, ['Enabled', 'Disabled', 'PendingImport', 'Unavailable']);
  return key;
}
