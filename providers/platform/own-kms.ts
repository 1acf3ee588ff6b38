import type { KMSClient } from '@aws-sdk/client-kms';
import { type AwsIdentity, kmsClient } from '../aws-kms/clients';
import { ownCredentials } from '../aws-kms/own-credentials';
import { onceMore, type Repeating } from '../calls/once-more';
import type { Egress } from '../egress/egress';

/** Credentials this near their end are asked for anew. */
const MARGIN_MS = 120_000;

export interface OwnKmsOptions {
  readonly egress: Egress;
  readonly region: string;
  readonly identity: AwsIdentity;
  readonly clock: () => number;
  /** The only commands sent with this identity. */
  readonly commands: readonly string[];
}

/** The operator's own KMS under one identity. */
export class OwnKms {
  readonly #options: OwnKmsOptions;
  #current: { readonly kms: KMSClient; readonly renewAtMs: number } | undefined;

  constructor(options: OwnKmsOptions) {
    this.#options = options;
  }

  /** One attempt, and one more with a renewed identity where the code says so. */
  use<T>(signal: AbortSignal, work: (kms: KMSClient) => Promise<T>, repeating?: Repeating): Promise<T> {
    return onceMore(async (renew) => work(await this.#client(signal, renew)), repeating);
  }

  async #client(signal: AbortSignal, refresh: boolean): Promise<KMSClient> {
    const { egress, region, identity, clock, commands } = this.#options;
    if (!refresh && this.#current !== undefined && clock() < this.#current.renewAtMs) {
      return this.#current.kms;
    }
    const credentials = await ownCredentials(identity, refresh, signal);
    const endsAtMs = credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    const kms = kmsClient(egress, region, credentials, commands);
    this.#current = { kms, renewAtMs: endsAtMs - MARGIN_MS };
    return kms;
  }
}
