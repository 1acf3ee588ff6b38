import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsConnection } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { LedgerIndex } from '../../domain/ids';
import { abortable } from '../calls/abortable';
import type { Egress } from '../egress/egress';
import type { Call } from './call';
import { type AwsCredentials, callerClient, kmsClient } from './clients';
import { allowOnlyKey, KEY_FIRST } from './least-privilege';
import { CUSTOMER_COMMANDS, type SessionScope } from './session-policy';
import type { Session } from './sessions';

/** Whom an approved reference makes us. */
export interface AwsReferenced {
  /** Tells the entry apart from another one under its name. */
  readonly registration: LedgerIndex;
  /** ARN of an IAM user or role. */
  readonly identity: string;
  /**
   * Read anew at each call.
   * @throws ProviderFailure CREDENTIAL_UNAVAILABLE, CREDENTIAL_EXPIRED, or trouble on the way
   */
  credentials(signal: AbortSignal): Promise<AwsCredentials & { readonly endsAtMs: number }>;
}

/** @throws ProviderFailure REFERENCE_UNKNOWN, CREDENTIAL_EXPIRED, CREDENTIAL_UNAVAILABLE */
export type AwsReferencedOf = (connection: AwsConnection, signal: AbortSignal) => Promise<AwsReferenced>;

/** As long as a session of a role's. */
const HELD_MS = 780_000;

/**
 * A KMS client with the credentials that the reference leads to, once AWS has said whose they are.
 *
 * Nobody but AWS can tell: a secret that was swapped where it lies would have us act as another principal, which two
 * people never vouched for, and be let in wherever the key's policy trusts that one too. GetCallerIdentity takes no
 * permission and can't be denied, so invariant 11 holds as before: with these credentials KMS is sent Encrypt and
 * Decrypt of the one key, and STS this one question, by a client that can send nothing else.
 */
export async function openReferenced(
  { call, egress, clock }: { call: Call; egress: Egress; clock: () => number },
  { organization, input: { region } }: AwsConnection,
  scope: SessionScope,
  { identity, credentials: read }: AwsReferenced,
  signal: AbortSignal,
): Promise<Session> {
  const askedAtMs = clock();
  const { endsAtMs, ...credentials } = await abortable(read(signal), signal);
  const requestId = await call(
    { operation: 'caller-identity', organization, region, signal },
    (abortSignal) =>
      callerClient(egress, region, credentials).send(new GetCallerIdentityCommand({}), { abortSignal }),
    ({ Arn }, answered) => {
      if (Arn === undefined) throw new ProviderFailure('UNCLASSIFIED', answered);
      if (!isOf(identity, Arn)) throw new ProviderFailure('CREDENTIAL_INVALID', answered);
      return answered;
    },
  );
  const kms = kmsClient(egress, region, credentials, scope.kind === 'key' ? CUSTOMER_COMMANDS : ['Encrypt']);
  kms.middlewareStack.add(allowOnlyKey(scope.arn), KEY_FIRST);
  return { kms, requestId, renewAtMs: Math.min(askedAtMs + HELD_MS, endsAtMs) };
}

/** A user is named by its own ARN; of a role the session is, without the role's path. */
function isOf(identity: string, caller: string): boolean {
  const [arn, partition, , , account, resource = ''] = identity.split(':');
  if (!resource.startsWith('role/')) return caller === identity;
  const role = resource.slice(resource.lastIndexOf('/') + 1);
  return caller.startsWith(`${arn}:${partition}:sts::${account}:assumed-role/${role}/`);
}
