import { request as httpsRequest } from 'node:https';
import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
} from '@azure/identity';
import { CryptographyClient, KeyClient, type KeyVaultKey } from '@azure/keyvault-keys';
import { EmulatorAgent } from '../../../emulators/azure/agent';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import {
  type AzureEmulator,
  type AzureEmulatorOptions,
  startAzureEmulator,
} from '../../../emulators/azure/emulator';

/** The cast of these tests: the operator with its multi-tenant app, and a customer with a tenant, a vault and a key. */
export interface Cloud {
  readonly emulator: AzureEmulator;
  readonly operator: Tenant;
  readonly customer: Tenant;
  /** The operator's app, installed in the customer's tenant. */
  readonly app: { readonly appId: string; readonly objectId: string };
  readonly certificate: ReturnType<typeof makeAppCertificate>;
  readonly vault: { readonly name: string; readonly vaultUri: string; readonly resourceId: string };
  /** The customer's administrator. */
  readonly keys: KeyClient;
  agent(localAddress?: string): EmulatorAgent;
  /** What every client of an Azure SDK is made with. */
  through(agent?: EmulatorAgent): Through;
  byCertificate(tenantId: string): TokenCredential;
  byAssertion(tenantId: string, assertion: () => Promise<string>): TokenCredential;
  /** Wraps and unwraps with nothing but those two permissions: the form without key material. */
  crypto(kid: string, credential: TokenCredential, agent?: EmulatorAgent): CryptographyClient;
  close(): Promise<void>;
}

export interface Tenant {
  readonly tenantId: string;
  readonly domain: string;
  readonly admin: { readonly clientId: string; readonly objectId: string; readonly clientSecret: string };
}

export interface Through {
  readonly additionalPolicies: { readonly policy: PipelinePolicy; readonly position: 'perRetry' }[];
  readonly retryOptions: { readonly maxRetries: 0 };
}

const dayMs = 86_400_000;

export async function startCloud(options: AzureEmulatorOptions = {}): Promise<Cloud> {
  const emulator = await startAzureEmulator(options);
  const now = (options.clock ?? Date.now)();
  const agents: EmulatorAgent[] = [];
  const agent = (localAddress?: string): EmulatorAgent => {
    const made = new EmulatorAgent({
      url: emulator.url,
      ca: emulator.ca,
      resolves: emulator.resolves,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    agents.push(made);
    return made;
  };
  const common = agent();
  const through = (via: EmulatorAgent = common): Through => ({
    additionalPolicies: [
      {
        position: 'perRetry',
        policy: {
          name: 'toEmulator',
          sendRequest: (request, next) => {
            request.agent = via;
            return next(request);
          },
        },
      },
    ],
    retryOptions: { maxRetries: 0 },
  });
  const operator = emulator.administer('POST tenants', { name: 'operator' });
  const customer = emulator.administer('POST tenants', { name: 'customer' });
  const app = emulator.administer('POST apps', {
    tenantId: operator.tenantId,
    name: 'workspace keys',
    multiTenant: true,
  });
  const certificate = makeAppCertificate({
    commonName: 'worker',
    notBefore: now - dayMs,
    notAfter: now + 30 * dayMs,
  });
  emulator.administer('POST apps/certificates', {
    appId: app.appId,
    certificate: certificate.certificate,
  });
  const installed = emulator.administer('POST service-principals', {
    tenantId: customer.tenantId,
    appId: app.appId,
  });
  const vault = emulator.administer('POST vaults', { name: 'contoso-keys', tenantId: customer.tenantId });
  const everyTenant = { additionallyAllowedTenants: ['*'] };
  const admin = new ClientSecretCredential(
    customer.tenantId,
    customer.admin.clientId,
    customer.admin.clientSecret,
    through(),
  );
  return {
    emulator,
    operator,
    customer,
    app: { appId: app.appId, objectId: installed.objectId },
    certificate,
    vault,
    keys: new KeyClient(vault.vaultUri, admin, through()),
    agent,
    through,
    byCertificate: (tenantId) =>
      new ClientCertificateCredential(
        tenantId,
        app.appId,
        { certificate: certificate.pem },
        { ...through(), ...everyTenant },
      ),
    byAssertion: (tenantId, assertion) =>
      new ClientAssertionCredential(tenantId, app.appId, assertion, { ...through(), ...everyTenant }),
    crypto: (kid, credential, via) => new CryptographyClient(stubOf(kid), credential, through(via)),
    close: async () => {
      for (const made of agents) made.destroy();
      await emulator.close();
    },
  };
}

/** A key without key material: the client then makes no GET, and does nothing by itself. */
export function stubOf(kid: string): KeyVaultKey {
  const [, vaultUrl = '', name = '', version] =
    /^(https:\/\/[^/]+)\/keys\/([^/]+)(?:\/(.+))?$/.exec(kid) ?? [];
  return {
    id: kid,
    name,
    properties: { id: kid, name, vaultUrl, ...(version === undefined ? {} : { version }) },
  };
}

/** A role that may do what the product needs, and nothing else. */
export const wrapAndUnwrap = {
  name: 'Wrap and unwrap',
  dataActions: ['Microsoft.KeyVault/vaults/keys/wrap/action', 'Microsoft.KeyVault/vaults/keys/unwrap/action'],
};

export interface Refusal {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly inner: string | undefined;
  readonly message: string;
}

/** What a vault's client was refused with; fails if there was an answer. */
export async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { statusCode, code, details } = error as {
      statusCode?: number;
      code?: string;
      details?: { error?: { code?: string; innerError?: { code?: string } } };
    };
    return {
      status: statusCode,
      code: details?.error?.code ?? code,
      inner: details?.error?.innerError?.code,
      message: error.message,
    };
  }
  throw new Error('expected a refusal, got an answer');
}

/** One plain request to a host of the emulator. */
export function ask(
  agent: EmulatorAgent,
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = httpsRequest(url, { agent, method, headers: { ...length, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
