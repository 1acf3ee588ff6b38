import type { AwsCredentials, AwsIdentity } from '../aws-kms/clients';
import { ownCredentials } from '../aws-kms/own-credentials';

/** Credentials this near their end are asked for anew. */
const MARGIN_MS = 120_000;

interface OwnClientOptions<Client> {
  readonly identity: AwsIdentity;
  readonly clock: () => number;
  readonly make: (credentials: AwsCredentials) => Client;
}

/** A client of the operator's own service under one identity, for as long as its credentials last. */
export class OwnClient<Client> {
  readonly #options: OwnClientOptions<Client>;
  #current: { readonly client: Client; readonly renewAtMs: number } | undefined;

  constructor(options: OwnClientOptions<Client>) {
    this.#options = options;
  }

  /** @param renew past what is at hand, and past the identity's own cache */
  async get(signal: AbortSignal, renew: boolean): Promise<Client> {
    const { identity, clock, make } = this.#options;
    if (!renew && this.#current !== undefined && clock() < this.#current.renewAtMs)
      return this.#current.client;
    const credentials = await ownCredentials(identity, renew, signal);
    const endsAtMs = credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    const client = make(credentials);
    this.#current = { client, renewAtMs: endsAtMs - MARGIN_MS };
    return client;
  }
}
