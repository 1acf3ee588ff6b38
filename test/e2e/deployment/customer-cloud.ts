import type { ProviderName } from '../../../domain/custody';
import type { KeyRef } from '../../../domain/ids';
import type { WrapContext } from '../../../domain/ports/provider';
import type { FaultInput } from '../../../emulators/azure/faults';
import type { Customer } from '../../../scripts/story/customer';
import { type AwsCloud, openAwsCloud } from './aws-cloud';
import { type AzureCloud, openAzureCloud } from './azure-cloud';
import type { Deployment } from './deployment';

/**
 * A customer and its cloud as a test needs them, the same for every provider: what the customer does there
 * (`customer`), what its own log says, and how that cloud is broken.
 */
export interface CustomerCloud {
  readonly customer: Customer;
  /** What the customer's own log says of what came after that sequence number, oldest first. */
  trail(since?: number): readonly Seen[];
  lastSequence(): number;
  /** Under this customer's key and with its own rights, in the form that our product's envelopes have. */
  wrap(
    bytes: Uint8Array,
    context: WrapContext,
  ): Promise<{ readonly wrapped: Buffer; readonly keyRef: KeyRef }>;
  /** Breaks calls to come about this customer's key. @returns the fault's id */
  inject(fault: CloudFault): string;
  /** One fault, or all there are; what a `hold` held goes on. */
  clearFaults(id?: string): void;
  hitsOf(id: string): number;
}

/** `credential`: a session at STS, a token at Entra. */
export type Call = 'credential' | 'wrap' | 'unwrap';

/** A row of a customer's log. */
export interface Seen {
  readonly sequence: number;
  /** `null`: something that our product has no business to call. */
  readonly call: Call | null;
  /** As the provider names the call. */
  readonly name: string;
  /** What a failure of ours names too. */
  readonly requestId: string;
  /** By us, and not by the customer's administrator. */
  readonly ours: boolean;
  /** The key, as it was entered; `null` where the call is about none. */
  readonly key: string | null;
  /** The provider's own word for why it was refused; `null`: it was done. */
  readonly refusal: string | null;
}

/** For `describe.each`: what holds for every provider. */
export const PROVIDERS = ['aws-kms', 'azure-key-vault'] as const satisfies readonly ProviderName[];

/** What is alike in both emulators. An `error` has the provider's own code and status, and at Azure more than that. */
export interface CloudFault {
  readonly on: Call;
  readonly effect: FaultInput['effect'];
  readonly count?: number;
}

export interface Clouds {
  readonly 'aws-kms': AwsCloud;
  readonly 'azure-key-vault': AzureCloud;
}

/** A new account with the provider, in which nothing is set up yet. */
export async function openCloud<P extends ProviderName>(
  deployment: Deployment,
  provider: P,
  name: string,
): Promise<Clouds[P]> {
  const open: { readonly [Each in ProviderName]: (...args: [Deployment, string]) => Promise<Clouds[Each]> } =
    {
      'aws-kms': openAwsCloud,
      'azure-key-vault': openAzureCloud,
    };
  const cloud = await open[provider](deployment, name);
  deployment.running.push(async () => cloud.customer.close());
  return cloud;
}
