import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import type { Call } from '../aws-kms/call';
import { type AwsCredentials, type AwsIdentity, stsClient } from '../aws-kms/clients';
import { ownCredentials } from '../aws-kms/own-credentials';
import type { Egress } from '../egress/egress';

/** The shortest AWS gives. */
const SESSION_SECONDS = 900;
/** As near its end a session is replaced. Judged by our clock from before we asked, never by theirs. */
const MARGIN_MS = 120_000;
/** Of one AssumeRole, in milliseconds: whoever waits for it has a deadline of its own, and may leave earlier. */
const ASSUME_MS = 5_000;

export interface RoleIdentityOptions {
  readonly roleArn: string;
  /** Who assumes it. */
  readonly base: AwsIdentity;
  /** `[\w+=,.@-]{2,64}`: what the operator's own CloudTrail tells the process by. */
  readonly sessionName: string;
  readonly egress: Egress;
  readonly region: string;
  readonly clock: () => number;
  readonly call: Call;
}

/**
 * A role of the operator's own, assumed from another identity of ours: sessions of 15 minutes, one AssumeRole for
 * all who ask meanwhile, replaced before they end and when the provider refused them.
 * @throws ProviderFailure (by the identity) that says nothing of a customer's set-up: trouble on the way, or
 * `OUR_IDENTITY`.
 */
export function roleIdentity(options: RoleIdentityOptions): AwsIdentity {
  const { clock } = options;
  let current: { readonly credentials: AwsCredentials; readonly renewAtMs: number } | undefined;
  let flight: Promise<AwsCredentials> | undefined;

  async function renew(refresh: boolean): Promise<AwsCredentials> {
    try {
      const endsAtMs = clock() + SESSION_SECONDS * 1000;
      const session = await assume(options, refresh);
      const credentials = { ...session, expiration: new Date(endsAtMs) };
      current = { credentials, renewAtMs: endsAtMs - MARGIN_MS };
      return credentials;
    } catch (failure) {
      throw aboutUs(failure);
    } finally {
      flight = undefined;
    }
  }

  return async ({ refresh } = { refresh: false }) => {
    if (!refresh && current !== undefined && clock() < current.renewAtMs) return current.credentials;
    current = undefined;
    flight ??= renew(refresh);
    return flight;
  };
}

function assume(
  { roleArn, base, sessionName, egress, region, call }: RoleIdentityOptions,
  refresh: boolean,
): Promise<AwsCredentials> {
  const signal = AbortSignal.timeout(ASSUME_MS);
  return call(
    { operation: 'control', organization: null, region, signal },
    async (abortSignal) => {
      const credentials = await ownCredentials(base, refresh, abortSignal);
      return stsClient(egress, region, credentials).send(
        new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: sessionName,
          DurationSeconds: SESSION_SECONDS,
        }),
        { abortSignal },
      );
    },
    ({ Credentials: given }, requestId) => {
      const { AccessKeyId, SecretAccessKey, SessionToken } = given ?? {};
      if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
        throw new ProviderFailure('UNCLASSIFIED', requestId);
      }
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    },
  );
}

/** Our quota, our network; everything else that isn't passing is our set-up. */
const AS_THEY_ARE: ReadonlySet<ProviderCode> = new Set<ProviderCode>([
  'NETWORK',
  'DEADLINE_EXCEEDED',
  'PROVIDER_TRANSIENT',
]);

/** Without the request id: it is of a call in the operator's account, and in no log of the customer's. */
function aboutUs(failure: unknown): ProviderFailure {
  if (!(failure instanceof ProviderFailure)) return new ProviderFailure('OUR_IDENTITY');
  const { code } = failure;
  if (code === 'THROTTLED') return new ProviderFailure('PROVIDER_TRANSIENT');
  const ours = AS_THEY_ARE.has(code) || PROVIDER_CODES[code].retry === 'once';
  return new ProviderFailure(ours ? code : 'OUR_IDENTITY');
}
