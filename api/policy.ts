import { z } from 'zod';
import { keyNameToken } from '../domain/connection';
import type { ProviderName } from '../domain/custody';
import { Refusal } from '../domain/failure';
import { awsKeyIdentifier, awsRoleArn } from '../domain/intake/aws';
import { azureClientId, azureKeyIdentifier, azureKeyParts, azureTenantId } from '../domain/intake/azure';
import { KEY_FORMS, providerOfKey } from '../domain/intake/provider';
import { approvedCredential } from '../domain/intake/reference';
import { awsKeyPolicy, awsRolePolicy, awsSetUpText, awsTrustPolicy } from '../domain/set-up/aws';
import { type AzureSetUpApp, azureSetUp, carriesToken } from '../domain/set-up/azure';
import type { OrganizationRecord } from '../store/contract';
import type { ApiSettings } from './deps';
import type { AwsPolicy, AzurePolicy, ConnectionPolicy, PolicyQuery } from './shapes/policy';

type Settings = Pick<ApiSettings, 'principalArn' | 'azureApps' | 'egressRanges'>;

const awsQuestion = z.strictObject({ key: awsKeyIdentifier, role: awsRoleArn });
const azureQuestion = z.strictObject({
  key: azureKeyIdentifier,
  tenant: azureTenantId,
  app: azureClientId.optional(),
  credential: approvedCredential.optional(),
});

/**
 * What a customer sets up for the key that's asked about, of whichever provider.
 * @throws Refusal INPUT_INVALID that names the field
 */
export function policyFor(
  settings: Settings,
  organization: OrganizationRecord,
  { provider: given, ...asked }: PolicyQuery,
): ConnectionPolicy {
  const provider = given ?? providerOfKey(asked.key);
  switch (provider) {
    case 'aws-kms':
      return awsPolicy(settings, organization, asking(provider, awsQuestion, asked));
    case 'azure-key-vault':
      return azurePolicy(settings, organization, asking(provider, azureQuestion, asked));
    case null:
      throw wrong('key', KEY_FORMS);
    default: {
      const unknown: never = provider;
      throw new Error(`unknown provider ${String(unknown)}`);
    }
  }
}

function awsPolicy(
  { principalArn }: Settings,
  { id, externalId }: OrganizationRecord,
  { key, role }: z.output<typeof awsQuestion>,
): AwsPolicy {
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

function azurePolicy(
  settings: Settings,
  organization: OrganizationRecord,
  question: z.output<typeof azureQuestion>,
): AzurePolicy {
  const { externalId } = organization;
  const { key, tenant: tenantId } = question;
  const app = appFor(settings, organization, question);
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

/** Who calls: the customer's own registration, the app asked for, the organization's own, or the one for all. */
function appFor(
  { azureApps }: Settings,
  { id }: OrganizationRecord,
  { app: asked, credential }: z.output<typeof azureQuestion>,
): AzureSetUpApp {
  if (credential !== undefined) return { owner: 'customer', clientId: asked ?? null };
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
