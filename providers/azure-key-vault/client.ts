import type { PipelinePolicy, PipelineRequest } from '@azure/core-rest-pipeline';
import { CryptographyClient, type KeyVaultKey } from '@azure/keyvault-keys';
import { azureKeyParts } from '../../domain/intake/azure';
import type { Egress } from '../egress/egress';
import { answerOf, type VaultAnswer } from './answer';
import { type KeyAddress, keyUseOnly } from './least-privilege';

/** The way out to vaults. */
export type VaultEgress = Pick<Egress, 'azure'>;

/** OAEP with SHA-256 and MGF1 with SHA-256. Plain `RSA-OAEP` (SHA-1) the SDK would do locally if it could. */
const ALGORITHM = 'RSA-OAEP-256';

export interface KeyUse {
  readonly use: 'wrapKey' | 'unwrapKey';
  /** Key identifier as entered; with `version: null`, whichever version is the newest. */
  readonly key: string;
  readonly version: string | null;
  readonly token: string;
}

/**
 * One wrapKey or unwrapKey of the service's, never of the SDK's own: one request, no retry, no redirect, no
 * challenge. A client for each call, so that nothing of a call (its body has the key in it) outlives it.
 * @throws VaultRefusal for an answer other than 200; whatever the SDK or the egress throws where none came
 */
export async function useKey(
  egress: VaultEgress,
  { use, key, version, token }: KeyUse,
  bytes: Uint8Array,
  abortSignal: AbortSignal,
): Promise<VaultAnswer> {
  const { host, name } = azureKeyParts(key);
  const { endpoint, httpClient } = egress.azure(host);
  const address = { endpoint, name, version };
  const exchange = new Exchange(token);
  const client = new CryptographyClient(stubOf(address), NEVER_ASKED, {
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: [
      { position: 'perCall', policy: exchange.before() },
      { position: 'perRetry', policy: exchange.last() },
      { position: 'perRetry', policy: keyUseOnly(address) },
    ],
  });
  try {
    if (use === 'wrapKey') await client.wrapKey(ALGORITHM, bytes, { abortSignal });
    else await client.unwrapKey(ALGORITHM, bytes, { abortSignal });
    return exchange.answer();
  } finally {
    if (abortSignal.aborted) exchange.forget();
  }
}

/**
 * Without key material in it the SDK fetches nothing (a permission we must not need), checks nothing by our clock,
 * and can't wrap by itself, unseen by the vault's log.
 */
function stubOf({ endpoint, name, version }: KeyAddress): KeyVaultKey {
  const id = `${endpoint}/keys/${name}${version === null ? '' : `/${version}`}`;
  return {
    id,
    name,
    properties: { id, name, vaultUrl: endpoint, ...(version === null ? {} : { version }) },
  };
}

/** The SDK asks a credential only after a challenge, and no challenge reaches it. */
const NEVER_ASKED = {
  getToken: async () => {
    throw new Error('no challenge is answered');
  },
};

/**
 * Stands around the SDK's authentication, which would send the first request of each client without body and token
 * to be challenged, keep the body meanwhile, and take the tenant from the challenge.
 */
class Exchange {
  #body: PipelineRequest['body'];
  #answer: VaultAnswer | undefined;

  constructor(readonly token: string) {}

  /** Takes the body out of the SDK's sight. */
  before(): PipelinePolicy {
    return {
      name: 'smskBefore',
      sendRequest: (request, next) => {
        this.#body = request.body;
        delete request.body;
        return next(request);
      },
    };
  }

  /** Puts it back, with our token and without the machine's proxies, and reads the answer. */
  last(): PipelinePolicy {
    return {
      name: 'smskExchange',
      sendRequest: async (request, next) => {
        if (this.#body !== undefined) request.body = this.#body;
        request.headers.set('authorization', `Bearer ${this.token}`);
        delete request.agent;
        delete request.proxySettings;
        delete request.tlsSettings;
        const response = await next(request);
        this.#answer = answerOf(response);
        return { ...response, bodyAsText: '{}' };
      },
    };
  }

  answer(): VaultAnswer {
    if (this.#answer === undefined) throw new Error('the SDK sent nothing');
    return this.#answer;
  }

  /** For an answer that came too late for anybody to take it. */
  forget(): void {
    this.#answer?.value?.fill(0);
  }
}
