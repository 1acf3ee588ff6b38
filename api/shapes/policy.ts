import { z } from 'zod';

/**
 * What is asked: for AWS a key, and a role or a reference, for Azure a key, its tenant and who calls it. Flat, as queries are; what
 * belongs together is judged in `api/policy.ts`.
 */
export const policyQuery = z.strictObject({
  provider: z
    .enum(['aws-kms', 'azure-key-vault'])
    .optional()
    .describe('The key’s own form says it, unless given'),
  key: z
    .string()
    .max(400)
    .describe('AWS: ARN of the key or an alias. Azure: key identifier without a version'),
  role: z.string().max(600).optional().describe('AWS: ARN of the role we assume'),
  tenant: z.string().max(64).optional().describe('Azure: id of the vault’s tenant'),
  app: z
    .string()
    .max(64)
    .optional()
    .describe('Azure: client id of the app; ours for this organization, unless given'),
  credential: z
    .string()
    .max(64)
    .optional()
    .describe('approved:NAME, where a registered reference stands for an identity of your own'),
  identity: z
    .string()
    .max(600)
    .optional()
    .describe('AWS: ARN of that IAM user or role; the registered one, unless given'),
});
export type PolicyQuery = z.infer<typeof policyQuery>;

const policy = z.record(z.string(), z.unknown()).describe('IAM policy document');

export const awsPolicyShape = z
  .object({
    provider: z.literal('aws-kms'),
    principalArn: z
      .string()
      .nullable()
      .describe('Who assumes your role; `null`: nobody, an identity of your own acts'),
    externalId: z.string().nullable().describe('What your trust policy must require'),
    keyPolicy: policy,
    trustPolicy: policy.nullable(),
    rolePolicy: policy.describe('What the role, or the identity of your own, may do'),
    text: z.string().describe('All of it as commands of the AWS CLI'),
  })
  .meta({ id: 'AwsConnectionPolicy' });
export type AwsPolicy = z.infer<typeof awsPolicyShape>;

export const azurePolicyShape = z
  .object({
    provider: z.literal('azure-key-vault'),
    clientId: z.string().nullable().describe('The app that calls; null: your own, behind the reference'),
    keyNameToken: z
      .string()
      .describe('What the key’s name must contain, where the app serves several organizations'),
    keyName: z.string().describe('A name for the key that contains it'),
    roleDefinition: z
      .record(z.string(), z.unknown())
      .describe('Azure role definition; $GROUP_ID stands for the id of the vault’s resource group'),
    text: z.string().describe('All of it as commands of the Azure CLI, each step with its check'),
  })
  .meta({ id: 'AzureConnectionPolicy' });
export type AzurePolicy = z.infer<typeof azurePolicyShape>;

export const policyShape = z.discriminatedUnion('provider', [awsPolicyShape, azurePolicyShape]);
export type ConnectionPolicy = z.infer<typeof policyShape>;
