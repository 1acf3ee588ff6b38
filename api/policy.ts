import { z } from 'zod';
import { keyNameToken } from '../domain/connection';
import type { ProviderName } from '../domain/custody';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import { awsKeyIdentifier, awsPrincipalArn, awsRoleArn } from '../domain/intake/aws';
import { azureClientId, azureKeyIdentifier, azureKeyParts, azureTenantId } from '../domain/intake/azure';
import { KEY_FORMS, providerOfKey } from '../domain/intake/provider';
import { approvedCredential } from '../domain/intake/reference';
import { awsKeyPolicy, awsRolePolicy, awsSetUpText, awsTrustPolicy } from '../domain/set-up/aws';
import { awsOwnIdentity } from '../domain/set-up/aws-own-identity';
import { type AzureSetUpApp, azureSetUp, carriesToken } from '../domain/set-up/azure';
import type { OrganizationRecord } from '../store/contract';
import type { ApiSettings } from './deps';
import type { AwsPolicy, AzurePolicy, ConnectionPolicy, PolicyQuery } from './shapes/policy';

type Settings = Pick<ApiSettings, 'principalArn' | 'azureApps' | 'egressRanges'>;

const awsQuestion = z.strictObject({
  key: awsKeyIdentifier,
  role: awsRoleArn.optional(),
  credential: approvedCredential.optional(),
  identity: awsPrincipalArn.optional(),
});
const azureQuestion = z.strictObject({
  key: azureKeyIdentifier,
  tenant: azureTenantId,
  app: azureClientId.optional(),
  credential: approvedCredential.optional(),
});

/** Who a reference that counts makes us with that key; `null`: there's none. */
export type IdentityOf = (reference: string, key: string) => Promise<string | null>;

/**
 * What a customer sets up for the key that's asked about, of whichever provider.
 * @throws Refusal INPUT_INVALID that names the field
 */
export async function policyFor(
  settings: Settings,
  organization: OrganizationRecord,
  { provider: given, ...asked }: PolicyQuery,
  identityOf: IdentityOf,
): Promise<ConnectionPolicy> {
  const provider = given ?? providerOfKey(asked.key);
  switch (provider) {
    case 'aws-kms':
      return awsPolicy(settings, organization, asking(provider, awsQuestion, asked), identityOf);
    case 'azure-key-vault':
      return azurePolicy(settings, organization, asking(provider, azureQuestion, asked), identityOf);
    case null:
      throw wrong('key', KEY_FORMS);
    default: {
      const unknown: never = provider;
      throw new Error(`unknown provider ${String(unknown)}`);
    }
  }
}

async function awsPolicy(
  { principalArn }: Settings,
  organization: OrganizationRecord,
  question: z.output<typeof awsQuestion>,
  identityOf: IdentityOf,
): Promise<AwsPolicy> {
  const { id, externalId } = organization;
  const { key, role, credential, identity } = question;
  if (credential !== undefined) {
    if (role !== undefined) throw wrong('role', 'isn’t asked for with credential');
    return ownIdentityPolicy(id, key, identity ?? (await identityOf(credential, key)));
  }
  if (identity !== undefined) throw wrong('identity', 'is asked for with credential only');
  if (role === undefined) throw wrong('role', 'is needed with aws-kms, or credential in its place');
  const input = { organization: id, externalId, ourPrincipal: principalArn, roleArn: role, key };
  return {
    provider: 'aws-kms',
    principalArn,
    externalId,
    keyPolicy: { ...awsKeyPolicy(input) },
    trustPolicy: { ...awsTrustPolicy(input) },
    rolePolicy: { ...awsRolePolicy(input) },
    text: awsSetUpText(input),
  };
}

function ownIdentityPolicy(organization: OrganizationId, key: string, identity: string | null): AwsPolicy {
  if (identity === null)
    throw wrong(
      'identity',
      'is needed until a reference of that name counts for this key: the ARN of the IAM user or role you make for it',
    );
  const { keyPolicy, identityPolicy, text } = awsOwnIdentity({ organization, identity, key });
  return {
    provider: 'aws-kms',
    principalArn: null,
    externalId: null,
    keyPolicy: { ...keyPolicy },
    trustPolicy: null,
    rolePolicy: { ...identityPolicy },
    text,
  };
}

async function azurePolicy(
  settings: Settings,
  organization: OrganizationRecord,
  question: z.output<typeof azureQuestion>,
  identityOf: IdentityOf,
): Promise<AzurePolicy> {
  const { externalId } = organization;
  const { key, tenant: tenantId, credential } = question;
  const app: AzureSetUpApp =
    credential === undefined
      ? appFor(settings, organization, question.app)
      : { owner: 'customer', clientId: question.app ?? (await identityOf(credential, key)) };
  if (app.owner === 'operator' && app.shared && !carriesToken(key, externalId)) {
    const token = keyNameToken(externalId);
    const example = `https://${azureKeyParts(key).host}/keys/${token}`;
    throw wrong(
      'key',
      `its name must contain ${token}, which says that it’s for you; for example ${example}`,
    );
  }
  const { egressRanges } = settings;
  const { roleDefinition, ...setUp } = azureSetUp({ externalId, tenantId, key, app, egressRanges });
  return {
    provider: 'azure-key-vault',
    clientId: app.clientId,
    ...setUp,
    roleDefinition: { ...roleDefinition },
  };
}

/** Which of ours calls: the app asked for, the organization's own, or the one for all. */
function appFor(
  { azureApps }: Settings,
  { id }: OrganizationRecord,
  asked: string | undefined,
): AzureSetUpApp {
  const possible = azureApps.filter(({ organization }) => organization === null || organization === id);
  const found =
    asked === undefined
      ? (possible.find(({ organization }) => organization === id) ?? possible[0])
      : possible.find(({ clientId }) => clientId === asked);
  if (found !== undefined)
    return { owner: 'operator', clientId: found.clientId, shared: found.organization === null };
  throw asked === undefined
    ? wrong(
        'provider',
        'this deployment has no app registration for Azure Key Vault; ask the operator for one, or use a registered reference to your own (credential)',
      )
    : wrong(
        'app',
        'is no app of ours for this organization; leave it out, and the right one is named to you',
      );
}

function asking<Schema extends z.ZodType>(
  provider: ProviderName,
  schema: Schema,
  asked: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys')
    throw wrong(issue.keys[0] ?? 'provider', `isn’t asked for with ${provider}`);
  const field = String(issue?.path[0] ?? 'provider');
  throw wrong(
    field,
    field in given ? (issue?.message ?? 'is not of its form') : `is needed with ${provider}`,
  );
}

const wrong = (field: string, what: string): Refusal =>
  new Refusal('INPUT_INVALID', `querystring/${field}: ${what}`);
