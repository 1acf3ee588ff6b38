import type { KmsKey } from '../model/state';
import { AwsError } from '../wire/aws-error';

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */

export function stateRefusal(key: KmsKey): AwsError | undefined {
  switch (key.state) {
    case 'Enabled':
      return undefined;
    case 'Disabled':
      return new AwsError('DisabledException', `${key.arn} is disabled.`);
    case 'PendingDeletion':
      return new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
    case 'PendingImport':
      return new AwsError('KMSInvalidStateException', `${key.arn} is pending import.`);
    case 'Unavailable':
      return new AwsError('KMSInvalidStateException', `${key.arn} is unavailable.`);
    default: {
      const never: never = key.state;
      throw new Error(`unknown key state ${String(never)}`);
    }
  }
}

/** For using the key: it must be enabled. */
export function requireUsable(key: KmsKey): void {
  const refusal = stateRefusal(key);
  if (refusal !== undefined) throw refusal;
}

/** For changing it: `allowed` lists the states in which AWS accepts the operation. */
export function requireState(key: KmsKey, allowed: readonly KmsKey['state'][]): void {
  if (!allowed.includes(key.state)) {
    throw (
      stateRefusal(key) ?? new AwsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`)
    );
  }
}

/** For rotation and import, which aren't possible for every kind of key. */
export function requireRotatable(key: KmsKey): void {
  if (key.keySpec !== 'SYMMETRIC_DEFAULT' || key.origin !== 'AWS_KMS')
    throw new AwsError('UnsupportedOperationException', '');
}
