import type { Call } from '../model/call';
import { AwsError } from '../wire/aws-error';
import { createAlias, deleteAlias, listAliases, updateAlias } from './aliases';
import {
  decrypt,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  type Output,
  reEncrypt,
} from './cryptography';
import type { Input } from './fields';
import { deleteImportedKeyMaterial, getParametersForImport, importKeyMaterial } from './import';
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './key-policies';
import {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKey,
  enableKey,
  listKeys,
  scheduleKeyDeletion,
} from './lifecycle';
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from './rotation';
import { listResourceTags, tagResource, untagResource } from './tags';

type Operation = (call: Call, input: Input) => Output;

const operations = new Map<string, Operation>(
  Object.entries({
    Encrypt: encrypt,
    Decrypt: decrypt,
    ReEncrypt: reEncrypt,
    GenerateDataKey: generateDataKey,
    GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
    CreateKey: createKey,
    DescribeKey: describeKey,
    ListKeys: listKeys,
    EnableKey: enableKey,
    DisableKey: disableKey,
    ScheduleKeyDeletion: scheduleKeyDeletion,
    CancelKeyDeletion: cancelKeyDeletion,
    CreateAlias: createAlias,
    UpdateAlias: updateAlias,
    DeleteAlias: deleteAlias,
    ListAliases: listAliases,
    PutKeyPolicy: putKeyPolicy,
    GetKeyPolicy: getKeyPolicy,
    ListKeyPolicies: listKeyPolicies,
    EnableKeyRotation: enableKeyRotation,
    DisableKeyRotation: disableKeyRotation,
    GetKeyRotationStatus: getKeyRotationStatus,
    RotateKeyOnDemand: rotateKeyOnDemand,
    ListKeyRotations: listKeyRotations,
    TagResource: tagResource,
    UntagResource: untagResource,
    ListResourceTags: listResourceTags,
    GetParametersForImport: getParametersForImport,
    ImportKeyMaterial: importKeyMaterial,
    DeleteImportedKeyMaterial: deleteImportedKeyMaterial,
  }),
);

/** CloudTrail's readOnly: uses of a key count as reads. */
export function kmsReadOnly(action: string): boolean {
  return /^(Encrypt|Decrypt|ReEncrypt|Generate|Describe|List|Get)/.test(action);
}

/** @throws AwsError */
export function performKms(call: Call, input: Input): string {
  const operation = operations.get(call.action);
  if (operation === undefined) throw new AwsError('UnknownOperationException', '');
  return JSON.stringify(operation(call, input));
}
