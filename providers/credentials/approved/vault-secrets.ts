import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import { z } from 'zod';
import type { ProviderCode } from '../../../domain/codes';
import { ProviderFailure } from '../../../domain/failure';
import type { RequestId } from '../../../domain/ids';
import { AZURE_CLOUDS, type AzureCloud } from '../../../domain/intake/azure';
import { requestIdOf } from '../../../domain/intake/fields';
import { RequestNotAllowed } from '../../azure-key-vault/least-privilege';
import { isNetworkError, textOf } from '../../calls/foreign-error';
import { foreignJson } from '../../calls/foreign-json';
import type { Egress } from '../../egress/egress';
import type { AzureIdentity } from '../azure';
import type { Found, Place } from './place';

export interface VaultSecretsOptions {
  /** `<vault>.<suffix>` */
  readonly host: string;
  /** The operator's tenant. */
  readonly tenantId: string;
  /** The operator's app. */
  readonly identity: AzureIdentity;
  readonly egress: Pick<Egress, 'azure'>;
}

/** Secrets of the operator's vault at Azure. */
export function vaultSecrets({ host, tenantId, identity, egress }: VaultSecretsOptions): Place {
  const where = { cloud: cloudOf(host), tenantId };
  return {
    operation: 'get-secret',
    read: async (name, version, signal, renew) => {
      const { token } = await identity.token(where, signal, renew);
      const { endpoint, httpClient } = egress.azure(host);
      const exchange = new Exchange({ endpoint, name, version }, token);
      const client = new SecretClient(endpoint, NEVER_ASKED, {
        httpClient,
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        additionalPolicies: [{ position: 'perRetry', policy: exchange.policy() }],
      });
      const named = version === null ? {} : { version };
      await client.getSecret(name, { abortSignal: signal, ...named });
      return exchange.found();
    },
    classify: (raw) =>
      raw instanceof SecretRefused
        ? new ProviderFailure(codeOfStatus(raw.status), raw.requestId)
        : new ProviderFailure(codeOfTransport(raw)),
  };
}

function cloudOf(host: string): AzureCloud {
  const clouds = Object.keys(AZURE_CLOUDS) as AzureCloud[];
  const cloud = clouds.find((one) => host.endsWith(`.${AZURE_CLOUDS[one].vaultSuffix}`));
  if (cloud === undefined) throw new Error('not a vault’s host');
  return cloud;
}

/** The SDK asks a credential only after a challenge, and no challenge reaches it. */
const NEVER_ASKED = {
  getToken: async () => {
    throw new Error('no challenge is answered');
  },
};

const NO_VERSION = '0'.repeat(32);

interface SecretAddress {
  readonly endpoint: string;
  readonly name: string;
  /** `null`: what is current. */
  readonly version: string | null;
}

const answered = z.object({
  id: z.string(),
  value: z.string(),
  attributes: z.object({ enabled: z.literal(true), exp: z.int().positive().optional() }),
});

/** An answer other than the secret that was asked for. */
class SecretRefused extends Error {
  override readonly name = 'SecretRefused';
  constructor(
    readonly status: number,
    readonly requestId: RequestId | null,
  ) {
    super('the vault refused');
  }
}

/**
 * Stands next to the connection: lets out one GET of the one secret, with our token instead of the SDK's challenge,
 * and takes the answer before the SDK, which would keep it in errors and make text of it once more.
 */
class Exchange {
  #found: Found | undefined;

  constructor(
    readonly address: SecretAddress,
    readonly token: string,
  ) {}

  policy(): PipelinePolicy {
    return {
      name: 'smskSecretExchange',
      sendRequest: async (request, next) => {
        if (request.method !== 'GET' || !isOf(request.url, this.address)) throw new RequestNotAllowed();
        request.headers.set('authorization', `Bearer ${this.token}`);
        delete request.agent;
        delete request.proxySettings;
        delete request.tlsSettings;
        const response = await next(request);
        this.#found = foundIn(response, this.address);
        // The SDK reads an id out of it.
        const { endpoint, name } = this.address;
        const id = `${endpoint}/secrets/${name}/${NO_VERSION}`;
        return { ...response, bodyAsText: JSON.stringify({ id, value: '', attributes: {} }) };
      },
    };
  }

  found(): Found {
    if (this.#found === undefined) throw new Error('the SDK sent nothing');
    return this.#found;
  }
}

/** The SDK writes an absent version as an empty segment, and the hyphen of `api-version` as %2D. */
function isOf(url: string, { endpoint, name, version }: SecretAddress): boolean {
  const secret = version === null ? `/secrets/${name}/?` : `/secrets/${name}/${version}`;
  const target = new RegExp(`^${secret}\\?api(?:-|%2D)version=[0-9A-Za-z.-]{1,32}$`);
  return url.startsWith(`${endpoint}/`) && target.test(url.slice(endpoint.length));
}

function foundIn(response: PipelineResponse, { endpoint, name, version }: SecretAddress): Found {
  const requestId = requestIdOf(response.headers.get('x-ms-request-id'));
  const { success, data } = answered.safeParse(foreignJson(response.bodyAsText ?? ''));
  const id = success ? data.id.toLowerCase() : '';
  const isIt =
    id.startsWith(`${endpoint}/secrets/${name}/`) && (version === null || id.endsWith(`/${version}`));
  if (response.status !== 200 || !success || !isIt) throw new SecretRefused(response.status, requestId);
  const { exp } = data.attributes;
  return {
    bytes: Buffer.from(data.value, 'utf8'),
    // Key Vault goes on giving it out: the date is for whoever reads it to heed.
    notAfterMs: exp === undefined ? null : exp * 1000,
    requestId,
  };
}

function codeOfStatus(status: number): ProviderCode {
  if (status === 401) return 'SESSION_EXPIRED';
  if (status === 429) return 'THROTTLED';
  return status >= 500 && status <= 599 ? 'PROVIDER_TRANSIENT' : 'CREDENTIAL_UNAVAILABLE';
}

/** No answer came: the egress or the SDK says why. */
function codeOfTransport(raw: unknown): ProviderCode {
  const name = textOf(raw, 'name');
  if (name === 'AbortError') return 'DEADLINE_EXCEEDED';
  const isOnTheWay =
    textOf(raw, 'code') !== 'ENOTFOUND' && (isNetworkError(raw) || name === 'TransportFailed');
  return isOnTheWay ? 'NETWORK' : 'CREDENTIAL_UNAVAILABLE';
}
