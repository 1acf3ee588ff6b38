import type { KMSClient } from '@aws-sdk/client-kms';
import { type AwsIdentity, kmsClient } from '../aws-kms/clients';
import { onceMore, type Repeating } from '../calls/once-more';
import { OwnClient } from '../credentials/own-client';
import type { Egress } from '../egress/egress';

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
  readonly #client: OwnClient<KMSClient>;

  constructor({ egress, region, identity, clock, commands }: OwnKmsOptions) {
    const make = (credentials: Parameters<typeof kmsClient>[2]) =>
      kmsClient(egress, region, credentials, commands);
    this.#client = new OwnClient({ identity, clock, make });
  }

  /** One attempt, and one more with a renewed identity where the code says so. */
  use<T>(signal: AbortSignal, work: (kms: KMSClient) => Promise<T>, repeating?: Repeating): Promise<T> {
    return onceMore(async (renew) => work(await this.#client.get(signal, renew)), repeating);
  }
}
