import { z } from 'zod';
import type { KeyRef } from '../ids';

/**
 * The clouds we call, and their host names: a key identifier is an address given by an outsider, so its suffix is
 * one of these or it is refused.
 * https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers
 * https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
export const AZURE_CLOUDS = {
  public: {
    vaultSuffix: 'vault.azure.net',
    loginHost: 'login.microsoftonline.com',
    exchangeAudience: 'api://AzureADTokenExchange',
    /** As `az cloud set` names it. */
    cliName: 'AzureCloud',
  },
  'us-government': {
    vaultSuffix: 'vault.usgovcloudapi.net',
    loginHost: 'login.microsoftonline.us',
    exchangeAudience: 'api://AzureADTokenExchangeUSGov',
    cliName: 'AzureUSGovernment',
  },
  china: {
    vaultSuffix: 'vault.azure.cn',
    loginHost: 'login.chinacloudapi.cn',
    exchangeAudience: 'api://AzureADTokenExchangeChina',
    cliName: 'AzureChinaCloud',
  },
} as const;
export type AzureCloud = keyof typeof AZURE_CLOUDS;

const CLOUDS = Object.keys(AZURE_CLOUDS) as AzureCloud[];

/**
 * Vault names: 3 to 24 letters, digits and single hyphens, from a letter to a letter or digit. Key names: up to 127.
 * One spelling each, so lower case.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault
 */
const SUFFIXES = CLOUDS.map((cloud) => AZURE_CLOUDS[cloud].vaultSuffix.replaceAll('.', String.raw`\.`));
const VAULT_HOST = `((?=[a-z0-9-]{3,24}\\.)[a-z][a-z0-9]*(?:-[a-z0-9]+)*)\\.(${SUFFIXES.join('|')})`;
const KEY = `https://${VAULT_HOST}/keys/([a-z0-9-]{1,127})`;
const HOST = new RegExp(`^${VAULT_HOST}$`);
const KEY_URL = new RegExp(`^${KEY}$`);
const KID = new RegExp(`^${KEY}/([0-9a-f]{32})$`);
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether it is `<vault>.<suffix>` of a cloud we know, in lower case. */
export const isVaultHost = (host: string): boolean => HOST.test(host);

/** What the person who typed it should hear first, where one of these is the reason. */
const TELLING: readonly (readonly [RegExp, string])[] = [
  [/\.managedhsm\./, 'is a managed HSM’s key; this version takes keys of Key Vaults'],
  [
    /\/keys\/[^/]+\/[0-9a-f]{32}$/,
    'names a version; leave it out: we pin the version that answers, and notice a new one',
  ],
  [/[A-Z]/, 'must be in lower case: Key Vault doesn’t tell cases apart, and a key needs one spelling'],
  [/\/(?:secrets|certificates)\//, 'is a secret’s or a certificate’s; enter the key’s, …/keys/NAME'],
];

/** A key of a vault, without its version. */
export const azureKeyIdentifier = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    if (KEY_URL.test(text)) return;
    const told = TELLING.find(([pattern]) => pattern.test(text))?.[1];
    const message =
      told ??
      'must be a key identifier like https://VAULT.vault.azure.net/keys/NAME (or vault.usgovcloudapi.net, vault.azure.cn)';
    context.addIssue({ code: 'custom', message });
  });

const guid = (what: string) =>
  z.string().regex(GUID, `must be ${what}: a GUID in lower case, like 72f988bf-86f1-41af-91ab-2d7cd011db47`);
/** The Entra tenant that the vault belongs to. */
export const azureTenantId = guid('a tenant id');
/** Application (client) id of an app registration. */
export const azureClientId = guid('an application (client) id');

export interface AzureKeyParts {
  readonly cloud: AzureCloud;
  readonly vault: string;
  /** `<vault>.<suffix>`. */
  readonly host: string;
  readonly name: string;
}

/** Parts of an identifier that `azureKeyIdentifier` accepted. */
export function azureKeyParts(key: string): AzureKeyParts {
  const match = KEY_URL.exec(key);
  if (match === null) throw new Error('not a Key Vault key identifier');
  return partsOf(match);
}

/** Parts of a `kid` that `azureKidOf` made. */
export function azureKidParts(kid: string): AzureKeyParts & { readonly version: string } {
  const match = KID.exec(kid);
  if (match === null) throw new Error('not a Key Vault kid');
  return { ...partsOf(match), version: match[4] ?? '' };
}

/**
 * The key version that Key Vault says has answered, or `null` for anything but a versioned key identifier of a cloud
 * we know: it goes into the ledger, so it must have no room for anything else. In lower case, like the entered one.
 */
export function azureKidOf(raw: unknown): KeyRef | null {
  if (typeof raw !== 'string' || raw.length > 256) return null;
  const kid = raw.toLowerCase();
  return KID.test(kid) ? (kid as KeyRef) : null;
}

/** Whether a `kid` is a version of that key. */
export const isVersionOf = (kid: KeyRef, key: string): boolean =>
  KID.test(kid) && kid.slice(0, kid.lastIndexOf('/')) === key;

function partsOf([, vault = '', suffix = '', name = '']: RegExpExecArray): AzureKeyParts {
  const cloud = CLOUDS.find((one) => AZURE_CLOUDS[one].vaultSuffix === suffix);
  if (cloud === undefined) throw new Error('not a cloud we know');
  return { cloud, vault, host: `${vault}.${suffix}`, name };
}
