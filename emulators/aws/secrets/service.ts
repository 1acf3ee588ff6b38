import { blob, flag, type Input, integer, required, text } from '../kms/fields';
import type { Call } from '../model/call';
import type { Secret, SecretVersion } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { authorizeSecret } from './authorize';
import { arnOf, authorizedSecret, isTaken, liveSecret, NAME } from './lookup';

/** Secrets Manager: https://docs.aws.amazon.com/secretsmanager/latest/apireference/ */
type Output = Readonly<Record<string, unknown>>;

const operations = new Map<string, (call: Call, input: Input) => Output>(
  Object.entries({
    CreateSecret: createSecret,
    PutSecretValue: putSecretValue,
    GetSecretValue: getSecretValue,
    DeleteSecret: deleteSecret,
    RestoreSecret: restoreSecret,
  }),
);

/** @throws AwsError */
export function performSecrets(call: Call, input: Input): string {
  const operation = operations.get(call.action);
  if (operation === undefined) throw new AwsError('UnknownOperationException', '');
  return JSON.stringify(operation(call, input));
}

function createSecret(call: Call, input: Input): Output {
  const name = required(text(input, 'Name', NAME), 'Name');
  call.notes.parameters = { name };
  authorizeSecret(call, arnOf(call, name), { name });
  if (isTaken(call, name))
    throw new AwsError(
      'ResourceExistsException',
      `The operation failed because the secret ${name} already exists.`,
    );
  const end = [...call.world.random(6)].map((b) => alphabet.charAt(b % alphabet.length)).join('');
  const secret: Secret = {
    arn: `${arnOf(call, name)}-${end}`,
    name,
    account: call.caller.account,
    region: call.region,
    recoveryDays: 30,
    versions: [],
    deletedAt: undefined,
  };
  const version = added(call, secret, input);
  call.world.state.secrets.set(secret.arn, secret);
  return { ARN: secret.arn, Name: name, VersionId: version.id };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function putSecretValue(call: Call, input: Input): Output {
  const secret = liveSecret(call, input);
  const version = added(call, secret, input);
  return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: ['AWSCURRENT'] };
}

/** The newest version is AWSCURRENT, the one before it AWSPREVIOUS; older ones are found by their id. */
function getSecretValue(call: Call, input: Input): Output {
  const versionId = text(input, 'VersionId', { min: 32, max: 64 });
  const versionStage = text(input, 'VersionStage', { min: 1, max: 256 });
  call.notes.parameters = {
    ...(versionId === undefined ? {} : { versionId }),
    ...(versionStage === undefined ? {} : { versionStage }),
  };
  const secret = liveSecret(call, input, { versionId, versionStage });
  const stage = versionStage ?? (versionId === undefined ? 'AWSCURRENT' : undefined);
  const version = secret.versions.find(
    (one) =>
      (versionId === undefined || one.id === versionId) &&
      (stage === undefined || stagesOf(secret, one).includes(stage)),
  );
  if (version === undefined)
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${versionId === undefined ? `staging label: ${stage}` : `VersionId: ${versionId}`}`,
    );
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    VersionStages: stagesOf(secret, version),
    CreatedDate: version.createdAt / 1000,
    ...(version.string === undefined ? { SecretBinary: version.binary } : { SecretString: version.string }),
  };
}

function stagesOf({ versions }: Secret, version: SecretVersion): string[] {
  if (version === versions.at(-1)) return ['AWSCURRENT'];
  return version === versions.at(-2) ? ['AWSPREVIOUS'] : [];
}

function deleteSecret(call: Call, input: Input): Output {
  const secret = liveSecret(call, input);
  const days = integer(input, 'RecoveryWindowInDays', 7, 30);
  if (flag(input, 'ForceDeleteWithoutRecovery')) {
    call.world.state.secrets.delete(secret.arn);
  } else {
    secret.deletedAt = call.nowMs;
    secret.recoveryDays = days ?? 30;
  }
  call.notes.changed = true;
  return { ARN: secret.arn, Name: secret.name, DeletionDate: call.nowMs / 1000 };
}

function restoreSecret(call: Call, input: Input): Output {
  const secret = authorizedSecret(call, input);
  secret.deletedAt = undefined;
  call.notes.changed = true;
  return { ARN: secret.arn, Name: secret.name };
}

function added(call: Call, secret: Secret, input: Input): SecretVersion {
  const string = text(input, 'SecretString', { min: 1, max: 65_536 });
  const binary = blob(input, 'SecretBinary', 65_536)?.toString('base64');
  if ((string === undefined) === (binary === undefined))
    throw new AwsError('InvalidParameterException', 'You must provide SecretString or SecretBinary.');
  const id = text(input, 'ClientRequestToken', { min: 32, max: 64 }) ?? call.world.uuid();
  const version: SecretVersion = { id, createdAt: call.nowMs, string, binary };
  secret.versions.push(version);
  call.notes.changed = true;
  return version;
}
