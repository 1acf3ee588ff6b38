import { z } from 'zod';
import { awsKeyIdentifier, awsRegion, awsRoleArn } from '../domain/intake/aws';
import { azureClientId, azureKeyIdentifier, azureTenantId } from '../domain/intake/azure';
import { organizationId } from '../domain/intake/fields';

/**
 * A canary customer of our own, in an account and a tenant of its own: each refusal of a customer's is compared with
 * how the same calls go there. Set up with the texts that customers get, made for these values; `null`: none.
 */
export const control = z.strictObject({
  /** What its envelopes are bound to: a UUID that no organization has. */
  organization: organizationId,
  /** No secret, as for a customer: it only says for whom a role is assumed, and is a part of the Azure key's name. */
  externalId: z.string().regex(/^smsk-[0-9a-f]{40}$/, 'must be smsk- and 40 hex digits'),
  /** Our principal may assume no role of the operator's own account, so it's in another. */
  aws: z.strictObject({ region: awsRegion, key: awsKeyIdentifier, roleArn: awsRoleArn }).nullable(),
  azure: z
    .strictObject({ tenantId: azureTenantId, key: azureKeyIdentifier, clientId: azureClientId })
    .nullable(),
});
export type Control = z.infer<typeof control>;

const accountOf = (arn: string): string | undefined => arn.split(':')[4];

/** @returns what's wrong with where the AWS canary is, if anything */
export function inOwnAccount(canary: Control | null, identityArn: string): string | null {
  const isInside = canary?.aws != null && accountOf(canary.aws.roleArn) === accountOf(identityArn);
  return isInside ? 'is in the operator’s own account, none of whose roles our principal may assume' : null;
}
