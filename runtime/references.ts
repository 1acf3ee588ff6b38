import { z } from 'zod';
import { awsRegion } from '../domain/intake/aws';
import { azureClientId, azureTenantId, isVaultHost } from '../domain/intake/azure';
import { azureAppSource } from './azure';
import { identity } from './identity';

/**
 * The operator's own places, one of each kind, in which credentials that customers' references name lie: a locator
 * names something in one of them and leads nowhere else. They are read with identities of the operator's that serve
 * nothing else.
 */
export const references = z.strictObject({
  /** Folder of `file:NAME`. */
  folder: z.string().min(1).nullable().default(null),
  /** AWS Secrets Manager, for `aws:NAME`: secrets whose name is the prefix and NAME, in the identity's account. */
  secretsManager: z
    .strictObject({
      region: awsRegion,
      prefix: z
        .string()
        .regex(/^[a-z0-9](?:[a-z0-9_-]*\/)+$/, 'must be like smsk/credentials/')
        .max(100)
        .default('smsk/credentials/'),
      identity,
    })
    .nullable()
    .default(null),
  /** A Key Vault, for `azure:NAME`. */
  vault: z
    .strictObject({
      host: z
        .string()
        .refine(isVaultHost, 'must be a vault’s host like novantra-credentials.vault.azure.net'),
      tenantId: azureTenantId,
      /** An app registration of ours that may read the secrets of this vault, and serves no customer. */
      app: z.strictObject({ clientId: azureClientId, source: azureAppSource }),
    })
    .nullable()
    .default(null),
});
export type References = z.infer<typeof references>;
