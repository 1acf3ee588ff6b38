import { z } from 'zod';
import type { JsonObject } from './canonical';
import { digestOf } from './digest';
import type { ConnectionId, KeyRef, OrganizationId, Sha256Hex } from './ids';
import { awsKeyIdentifier, awsRegion, awsRoleArn } from './intake/aws';

/** What a customer admin enters for AWS KMS. No field can hold a secret: each has a grammar. */
export const awsConnectionInput = z.strictObject({
  provider: z.literal('aws-kms'),
  region: awsRegion,
  /** Key ARN or alias ARN. */
  key: awsKeyIdentifier,
  credential: z.strictObject({ kind: z.literal('aws-role'), roleArn: awsRoleArn }),
});

export const connectionInput = z.discriminatedUnion('provider', [awsConnectionInput]);
export type ConnectionInput = z.infer<typeof connectionInput>;

/** A connection as recorded: immutable; a change is a new one. */
export interface Connection {
  readonly id: ConnectionId;
  readonly organization: OrganizationId;
  /** The external ID we generated for this organization; the customer's trust policy must require it. */
  readonly externalId: string;
  readonly input: ConnectionInput;
  readonly digest: Sha256Hex;
  /** The key's immutable name, resolved and pinned by a clean verification; `null` before. */
  readonly pinnedKeyRef: KeyRef | null;
}

/** Digest of everything the customer entered plus our external ID. */
export function connectionDigest(
  organization: OrganizationId,
  externalId: string,
  input: ConnectionInput,
): Sha256Hex {
  return digestOf({ organization, externalId, input: input as JsonObject });
}
