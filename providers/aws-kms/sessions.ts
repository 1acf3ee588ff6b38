import type { KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { AwsConnection } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { OrganizationId, RequestId } from '../../domain/ids';
import { awsKeyParts, partitionOf } from '../../domain/intake/aws';
import { askOurs } from '../calls/ask-ours';
import { Flight } from '../calls/flight';
import type { Egress } from '../egress/egress';
import type { Call } from './call';
import { type AwsIdentity, kmsClient, stsClient } from './clients';
import { ownCredentials } from './own-credentials';
import { type AwsReferencedOf, openReferenced } from './referenced';
import { CUSTOMER_COMMANDS, type SessionScope, sessionPolicy } from './session-policy';

/** The shortest AWS gives. */
const SESSION_SECONDS = 900;
/** A session is not begun to be used so near its end. Judged by our clock from before we asked, never by theirs. */
const MARGIN_MS = 120_000;

/** A KMS client with a role's session or a reference's credentials in it, narrowed to its scope. */
export interface Session {
  readonly kms: KMSClient;
  readonly requestId: RequestId | null;
  readonly renewAtMs: number;
}

export interface SessionOptions {
  readonly egress: Egress;
  /** Whom the customer's trust policy names. */
  readonly identity: AwsIdentity;
  /** Whom a connection's approved reference makes us. */
  readonly referencedOf: AwsReferencedOf;
  readonly clock: () => number;
  /** Tells this process apart in the customer's CloudTrail: 1 to 27 of `A-Z a-z 0-9 _ = , . -`. */
  readonly processTag: string;
}

export interface AssumeOptions {
  /** `null` sends none: only the proof of the trust policy does that. */
  readonly externalId: string | null;
  readonly operation: 'assume-role' | 'trust-probe';
  readonly refresh: boolean;
}

/** How a session is had, and what it's told apart by beside connection and scope. */
interface Opening {
  readonly of: string;
  open(signal: AbortSignal, refresh: boolean): Promise<Session>;
}

export class Sessions {
  readonly #options: SessionOptions;
  readonly #call: Call;
  readonly #cache = new Map<string, Session>();
  readonly #flights = new Map<string, Flight<Session>>();

  /** @throws Error for a process tag that can't be part of a session name. */
  constructor(options: SessionOptions, call: Call) {
    if (!/^[\w=,.-]{1,27}$/.test(options.processTag)) {
      throw new Error('a process tag is 1 to 27 of A-Z a-z 0-9 _ = , . -');
    }
    this.#options = options;
    this.#call = call;
  }

  /**
   * A session of this connection and scope: the one at hand, or one that is opened for all who ask meanwhile. Of a
   * reference the entry is asked for each time: one that was withdrawn ends its sessions.
   */
  async get(
    connection: AwsConnection,
    scope: SessionScope,
    signal: AbortSignal,
    refresh: boolean,
  ): Promise<Session> {
    const { of, open } = await this.#opening(connection, scope, signal);
    const key = `${connection.digest} ${of} ${scope.kind} ${scope.arn}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined && this.#options.clock() < cached.renewAtMs) return cached;
    let flight = this.#flights.get(key);
    if (flight === undefined || flight.abandoned) {
      const mine = new Flight((own) => this.#fill(key, (mine) => open(mine, refresh), own));
      this.#flights.set(key, mine);
      flight = mine;
    }
    return flight.join(signal);
  }

  /** One past the cache. */
  async open(
    connection: AwsConnection,
    scope: SessionScope,
    signal: AbortSignal,
    refresh: boolean,
  ): Promise<Session> {
    return (await this.#opening(connection, scope, signal)).open(signal, refresh);
  }

  /** Forgets a session; another one in its place stays. */
  evict(session: Session): void {
    for (const [key, cached] of this.#cache) if (cached === session) this.#cache.delete(key);
  }

  /** One AssumeRole, past the cache. */
  async assume(
    connection: AwsConnection,
    scope: SessionScope,
    signal: AbortSignal,
    { externalId, operation, refresh }: AssumeOptions,
  ): Promise<Session> {
    const { egress, clock, processTag } = this.#options;
    const { region, credential } = connection.input;
    if (credential.kind !== 'aws-role') throw new ProviderFailure('REFERENCE_UNKNOWN');
    requireOnePartition(connection, credential.roleArn);
    const askedAtMs = clock();
    return this.#call(
      { operation, organization: connection.organization, region, signal },
      async (abortSignal) => {
        const credentials = await ownCredentials(this.#options.identity, refresh, abortSignal);
        return stsClient(egress, region, credentials).send(
          new AssumeRoleCommand({
            RoleArn: credential.roleArn,
            RoleSessionName: sessionName(connection.organization, processTag),
            DurationSeconds: SESSION_SECONDS,
            Policy: sessionPolicy(scope),
            ...(externalId === null ? {} : { ExternalId: externalId }),
          }),
          { abortSignal },
        );
      },
      ({ Credentials: given }, requestId) => {
        const { AccessKeyId, SecretAccessKey, SessionToken } = given ?? {};
        if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
          throw new ProviderFailure('UNCLASSIFIED', requestId);
        }
        const credentials = {
          accessKeyId: AccessKeyId,
          secretAccessKey: SecretAccessKey,
          sessionToken: SessionToken,
        };
        return {
          kms: kmsClient(egress, region, credentials, CUSTOMER_COMMANDS),
          requestId,
          renewAtMs: askedAtMs + SESSION_SECONDS * 1000 - MARGIN_MS,
        };
      },
    );
  }

  async #opening(connection: AwsConnection, scope: SessionScope, signal: AbortSignal): Promise<Opening> {
    const { externalId, digest, input } = connection;
    if (input.credential.kind === 'aws-role') {
      const how = { externalId, operation: 'assume-role' } as const;
      return {
        of: 'role',
        open: (own, refresh) => this.assume(connection, scope, own, { ...how, refresh }),
      };
    }
    try {
      const find = () => this.#options.referencedOf(connection, signal);
      const referenced = await askOurs(find, signal, 'CREDENTIAL_UNAVAILABLE');
      requireOnePartition(connection, referenced.identity);
      const means = { ...this.#options, call: this.#call };
      return {
        of: `reference-${referenced.registration}`,
        open: (own) => openReferenced(means, connection, scope, referenced, own),
      };
    } catch (failure) {
      for (const key of this.#cache.keys()) if (key.startsWith(`${digest} `)) this.#cache.delete(key);
      throw failure;
    }
  }

  async #fill(
    key: string,
    open: (signal: AbortSignal) => Promise<Session>,
    signal: AbortSignal,
  ): Promise<Session> {
    try {
      const session = await open(signal);
      const now = this.#options.clock();
      for (const [other, { renewAtMs }] of this.#cache) if (renewAtMs <= now) this.#cache.delete(other);
      this.#cache.set(key, session);
      return session;
    } finally {
      // An abandoned flight has been replaced already.
      if (!signal.aborted) this.#flights.delete(key);
    }
  }
}

/** `[\w+=,.@-]{2,64}`: 36 of the organization's id, `@`, then the tag. */
const sessionName = (organization: OrganizationId, tag: string): string => `${organization}@${tag}`;

/** An identity, a key and a region of different partitions can't meet, and no AWS endpoint could say so clearly. */
function requireOnePartition({ input }: AwsConnection, identityArn: string): void {
  const partitions = [partitionOf(input.region), awsKeyParts(input.key).partition, identityArn.split(':')[1]];
  if (new Set(partitions).size !== 1) throw new ProviderFailure('CONFIG_INVALID');
}
