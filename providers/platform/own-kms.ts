import type { KMSClient } from '@aws-sdk/client-kms';
import { PROVIDER_CODES } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { abortable } from '../aws-kms/abortable';
import { type AwsCredentials, type AwsIdentity, kmsClient } from '../aws-kms/clients';
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
  async use<T>(signal: AbortSignal, work: (kms: KMSClient) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#client(signal, false));
    } catch (failure) {
      const again = failure instanceof ProviderFailure && PROVIDER_CODES[failure.code].retry === 'once';
      if (!again) throw failure;
      return work(await this.#client(signal, true));
    }
  }

  async #client(signal: AbortSignal, refresh: boolean): Promise<KMSClient> {
    const { egress, region, identity, clock, commands } = this.#options;
    if (!refresh && this.#current !== undefined && clock() < this.#current.renewAtMs) {
      return this.#current.kms;
    }
    let credentials: AwsCredentials;
    try {
      credentials = await abortable(identity({ refresh }), signal);
    } catch {
      throw new ProviderFailure(signal.aborted ? 'DEADLINE_EXCEEDED' : 'OUR_IDENTITY');
    }
    const endsAtMs = credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    const kms = kmsClient(egress, region, credentials, commands);
    this.#current = { kms, renewAtMs: endsAtMs - MARGIN_MS };
    return kms;
  }
}
