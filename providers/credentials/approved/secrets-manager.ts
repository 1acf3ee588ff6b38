import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ProviderFailure } from '../../../domain/failure';
import { classify, requestIdOfAnswer } from '../../aws-kms/classify';
import { type AwsCredentials, type AwsIdentity, sdkSettings, sharingClock } from '../../aws-kms/clients';
import { allowOnly, FIRST } from '../../aws-kms/least-privilege';
import { ownCredentials } from '../../aws-kms/own-credentials';
import { textOf } from '../../calls/foreign-error';
import type { Egress } from '../../egress/egress';
import type { Place } from './place';

export interface SecretsManagerOptions {
  readonly region: string;
  /** What comes before each name: the identity may read these secrets and no others. */
  readonly prefix: string;
  /** The operator's. */
  readonly identity: AwsIdentity;
  readonly egress: Egress;
}

/** Secrets of the operator's account at AWS. */
export function secretsManager({ region, prefix, identity, egress }: SecretsManagerOptions): Place {
  return {
    operation: 'get-secret-value',
    read: async (name, version, signal, renew) => {
      const credentials = await ownCredentials(identity, renew, signal);
      const id = `${prefix}${name}`;
      const answer = await secretsClient(egress, region, credentials).send(
        new GetSecretValueCommand({ SecretId: id, ...(version === null ? {} : { VersionId: version }) }),
        { abortSignal: signal },
      );
      const bytes = answer.SecretBinary ?? Buffer.from(answer.SecretString ?? '', 'utf8');
      // A name could be the beginning of another one's ARN.
      if (answer.Name !== id || (version !== null && answer.VersionId !== version)) {
        bytes.fill(0);
        throw new ProviderFailure('CREDENTIAL_UNAVAILABLE', requestIdOfAnswer(answer));
      }
      return { bytes, notAfterMs: null, requestId: requestIdOfAnswer(answer) };
    },
    classify: (raw) =>
      UNREADABLE.has(textOf(raw, 'name'))
        ? new ProviderFailure('CREDENTIAL_UNAVAILABLE', requestIdOfAnswer(raw))
        : classify(raw, 'control', region),
  };
}

/** Not there, deleted, or under a key that doesn't open it. */
const UNREADABLE: ReadonlySet<string> = new Set([
  'ResourceNotFoundException',
  'InvalidRequestException',
  'InvalidParameterException',
  'DecryptionFailure',
]);

/** A client that sends nothing but GetSecretValue. */
function secretsClient(egress: Egress, region: string, credentials: AwsCredentials): SecretsManagerClient {
  const client = new SecretsManagerClient(sdkSettings(egress, 'secretsmanager', region, credentials));
  sharingClock(client, egress);
  client.middlewareStack.add(allowOnly(['GetSecretValue']), FIRST);
  return client;
}
