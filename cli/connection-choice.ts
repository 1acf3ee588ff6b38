import type { z } from 'zod';
import type { AwsConnectionInput, AzureConnectionInput } from '../domain/connection';
import type { ProviderName } from '../domain/custody';
import { awsKeyIdentifier, awsKeyParts, awsPrincipalArn, awsRegion, awsRoleArn } from '../domain/intake/aws';
import { azureClientId, azureKeyIdentifier, azureTenantId } from '../domain/intake/azure';
import { KEY_FORMS, providerOfKey } from '../domain/intake/provider';
import { approvedCredential } from '../domain/intake/reference';
import { EXIT } from './exit-codes';
import { Declined } from './failure';

/** What a connection is given by, of either provider. */
export interface ConnectionOptions {
  readonly key: string;
  readonly role?: string;
  readonly region?: string;
  readonly identity?: string;
  readonly tenant?: string;
  readonly app?: string;
  readonly credential?: string;
}

export type ConnectionChoice =
  | ({ readonly provider: 'aws-kms' } & Pick<AwsConnectionInput, 'key' | 'region' | 'credential'> & {
        /** Who an approved reference makes us; `null`: the API knows from its registration. */
        readonly identity: string | null;
      })
  | ({ readonly provider: 'azure-key-vault' } & Pick<AzureConnectionInput, 'key' | 'tenantId'> & {
        /** `null`: the operator's app for this organization, which the API names. */
        readonly app: string | null;
        readonly reference: string | null;
      });

/** Options that only make sense with the one provider. */
const ONLY_WITH: Readonly<Record<ProviderName, readonly (keyof ConnectionOptions)[]>> = {
  'aws-kms': ['role', 'region', 'identity'],
  'azure-key-vault': ['tenant', 'app'],
};
const NAMES: Readonly<Record<ProviderName, string>> = {
  'aws-kms': 'AWS KMS',
  'azure-key-vault': 'Azure Key Vault',
};
const NEEDS: Readonly<Record<ProviderName, string>> = {
  'aws-kms': 'give --role ARN, or --credential approved:NAME',
  'azure-key-vault':
    'give --tenant ID; and --app ID or --credential approved:NAME only where you were told to',
};

/**
 * The options as one provider's, told by the key's form.
 * @throws Declined that names the option, and the right form of it where that can be seen
 */
export function connectionChoice(options: ConnectionOptions): ConnectionChoice {
  const provider = providerOfKey(options.key);
  if (provider === null) throw misused(`--key ${KEY_FORMS}`, 'give the whole identifier');
  const other = provider === 'aws-kms' ? 'azure-key-vault' : 'aws-kms';
  const stray = ONLY_WITH[other].find((name) => options[name] !== undefined);
  if (stray !== undefined)
    throw misused(
      `--${stray} is for ${NAMES[other]}; this key is one of ${NAMES[provider]}`,
      NEEDS[provider],
    );
  return provider === 'aws-kms' ? awsChoice(options) : azureChoice(options);
}

function awsChoice({ key: given, role, region, credential, identity }: ConnectionOptions): ConnectionChoice {
  const key = read('key', awsKeyIdentifier, given, 'give the full ARN');
  if ((role === undefined) === (credential === undefined))
    throw misused('a key of AWS KMS needs --role or --credential, and not both', NEEDS['aws-kms']);
  if (role !== undefined && identity !== undefined)
    throw misused('--identity goes with --credential', 'leave it out: the role is who acts');
  return {
    provider: 'aws-kms',
    key,
    identity:
      identity === undefined
        ? null
        : read('identity', awsPrincipalArn, identity, 'give the whole ARN of the IAM user or role'),
    region:
      region === undefined ? awsKeyParts(key).region : read('region', awsRegion, region, 'or leave it out'),
    credential:
      role === undefined
        ? { kind: 'approved', name: referenceOf(credential ?? '') }
        : { kind: 'aws-role', roleArn: read('role', awsRoleArn, role, 'give the role’s full ARN') },
  };
}

function azureChoice({ key: given, tenant, app, credential }: ConnectionOptions): ConnectionChoice {
  const key = read('key', azureKeyIdentifier, given, meantKey(given));
  if (tenant === undefined)
    throw misused(
      'a key of Azure Key Vault needs --tenant',
      'it’s what `az keyvault show --name VAULT --query properties.tenantId --output tsv` says',
    );
  return {
    provider: 'azure-key-vault',
    key,
    tenantId: read('tenant', azureTenantId, tenant, meantGuid('tenant', tenant)),
    app: app === undefined ? null : read('app', azureClientId, app, meantGuid('app', app)),
    reference: credential === undefined ? null : referenceOf(credential),
  };
}

/** Never repeats what was given: it may be what should not have been typed. */
const referenceOf = (credential: string): string =>
  read(
    'credential',
    approvedCredential,
    credential,
    'the operator registers a reference; here goes its name, never the credential',
  );

function read<T>(option: string, schema: z.ZodType<T>, given: string, remedy: string): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw misused(`--${option} ${parsed.error.issues[0]?.message ?? 'is not of its form'}`, remedy);
}

const misused = (message: string, remedy: string) => new Declined(message, remedy, EXIT.usage);

/** The key without version, port-less and in lower case, where that is all that's wrong with it. */
function meantKey(given: string): string {
  const meant = given
    .toLowerCase()
    .replace(/^http:/, 'https:')
    .replace(/\/+$/, '')
    .replace(/(\/keys\/[^/]+)\/[0-9a-f]{32}$/, '$1');
  return azureKeyIdentifier.safeParse(meant).success
    ? `give --key ${meant}`
    : 'give it as `az keyvault key show --query key.kid` says it, without the version at its end';
}

function meantGuid(option: string, given: string): string {
  const meant = given.toLowerCase();
  return azureTenantId.safeParse(meant).success ? `give --${option} ${meant}` : 'give the whole GUID';
}
