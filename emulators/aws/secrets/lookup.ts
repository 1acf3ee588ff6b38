import { type Input, required, text } from '../kms/fields';
import type { Call } from '../model/call';
import type { Secret } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { authorizeSecret, type SecretFacts } from './authorize';

const dayMs = 86_400_000;
export const NAME = { min: 1, max: 512, pattern: /^[A-Za-z0-9/_+=.@-]+$/ };

/** Name or whole ARN; one whose recovery window has ended is gone. */
function secretNamed({ world, region, caller, nowMs }: Call, id: string): Secret | undefined {
  const secrets = [...world.state.secrets.values()];
  const found = id.startsWith('arn:')
    ? world.state.secrets.get(id)
    : secrets.find((s) => s.name === id && s.region === region && s.account === caller.account);
  if (found?.deletedAt === undefined) return found;
  if (nowMs < found.deletedAt + found.recoveryDays * dayMs) return found;
  world.state.secrets.delete(found.arn);
  world.save();
  return undefined;
}

export const arnOf = ({ region, caller }: Call, name: string): string =>
  name.startsWith('arn:') ? name : `arn:aws:secretsmanager:${region}:${caller.account}:secret:${name}`;

/** The secret that the caller named and may use so. @throws AwsError */
export function authorizedSecret(call: Call, input: Input, facts: SecretFacts = {}): Secret {
  const id = required(text(input, 'SecretId', { min: 1, max: 2048 }), 'SecretId');
  call.notes.parameters = { ...call.notes.parameters, secretId: id };
  const secret = secretNamed(call, id);
  authorizeSecret(call, secret?.arn ?? arnOf(call, id), { ...facts, secretId: secret?.arn ?? id });
  if (secret === undefined)
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  return secret;
}

/** @throws AwsError InvalidRequestException */
export function liveSecret(call: Call, input: Input, facts: SecretFacts = {}): Secret {
  const secret = authorizedSecret(call, input, facts);
  if (secret.deletedAt === undefined) return secret;
  throw new AwsError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

/** By its name, whoever may use it: for creating one. */
export const isTaken = (call: Call, name: string): boolean => secretNamed(call, name) !== undefined;
