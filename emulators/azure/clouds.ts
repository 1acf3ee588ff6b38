/**
 * The clouds and their host names:
 * https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers
 * https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
export type Cloud = 'public' | 'us-government' | 'china';

export interface CloudHosts {
  /** The first is the one that challenges and documents name. */
  readonly loginHosts: readonly string[];
  readonly vaultSuffix: string;
  /** `resource` of a vault's challenge, and audience of its tokens. */
  readonly vaultResource: string;
  /** Issuer of version 1.0 tokens, without the tenant. */
  readonly tokenIssuer: string;
  /** Audience that managed identities ask for when their token is to be exchanged. */
  readonly exchangeAudience: string;
}

export const clouds: Readonly<Record<Cloud, CloudHosts>> = {
  public: {
    loginHosts: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
    vaultSuffix: 'vault.azure.net',
    vaultResource: 'https://vault.azure.net',
    tokenIssuer: 'https://sts.windows.net',
    exchangeAudience: 'api://AzureADTokenExchange',
  },
  'us-government': {
    loginHosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
    vaultSuffix: 'vault.usgovcloudapi.net',
    vaultResource: 'https://vault.usgovcloudapi.net',
    tokenIssuer: 'https://sts.windows.net',
    exchangeAudience: 'api://AzureADTokenExchangeUSGov',
  },
  china: {
    loginHosts: ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
    vaultSuffix: 'vault.azure.cn',
    vaultResource: 'https://vault.azure.cn',
    tokenIssuer: 'https://sts.chinacloudapi.cn',
    exchangeAudience: 'api://AzureADTokenExchangeChina',
  },
};

const byLoginHost = new Map<string, Cloud>();
const bySuffix = new Map<string, Cloud>();
for (const cloud of Object.keys(clouds) as Cloud[]) {
  for (const host of clouds[cloud].loginHosts) byLoginHost.set(host, cloud);
  bySuffix.set(clouds[cloud].vaultSuffix, cloud);
}

export function cloudOfLoginHost(host: string): Cloud | undefined {
  return byLoginHost.get(host);
}

/** `<vault>.vault.azure.net` and its like; names are compared in lower case. */
export function vaultOfHost(host: string): { readonly name: string; readonly cloud: Cloud } | undefined {
  const dot = host.indexOf('.');
  const cloud = bySuffix.get(host.slice(dot + 1));
  return cloud === undefined || dot < 1 ? undefined : { name: host.slice(0, dot), cloud };
}

export function loginHostOf(cloud: Cloud): string {
  return clouds[cloud].loginHosts[0] ?? '';
}
