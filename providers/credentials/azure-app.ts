import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { askOurs } from '../calls/ask-ours';
import { type Call, type CallAbout, createCall, type Observe } from '../calls/call';
import { Flight } from '../calls/flight';
import type { Egress } from '../egress/egress';
import type { AzureIdentity, AzureToken } from './azure';
import type { ProveApp } from './azure-proof';
import { requestIdOfToken, requestToken, tokenOf, tokenUrl, type Where } from './azure-token';
import { type CredentialOwner, classifyEntra } from './entra-rules';

/** So long before its end a token is replaced, by our clock. */
const MARGIN_MS = 300_000;

export interface AzureAppOptions {
  readonly clientId: string;
  readonly prove: ProveApp;
  /**
   * Whose credential it is. A refused one of the operator's is `OUR_IDENTITY`; of a customer's reference it stays
   * `CREDENTIAL_INVALID`, and one that can't be read is `CREDENTIAL_UNAVAILABLE`.
   */
  readonly owner: CredentialOwner;
  readonly egress: Pick<Egress, 'azure'>;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly observe: Observe;
}

interface Airborne {
  readonly flight: Flight<AzureToken>;
  readonly renew: boolean;
}

/**
 * An application of Entra ID: a token for each tenant and cloud is kept until five minutes before its end, and one
 * request is sent for all who ask meanwhile. Tokens are in memory alone.
 */
export function azureApp(options: AzureAppOptions): AzureIdentity {
  const { clientId, clock, observe } = options;
  const call = createCall<CallAbout>({
    provider: 'azure-key-vault',
    clock,
    observe,
    classify: (raw) => classifyEntra(raw, options.owner),
    requestIdOf: (answer) => requestIdOfToken(answer as PipelineResponse),
  });
  const cache = new Map<string, AzureToken>();
  const flights = new Map<string, Airborne>();

  async function fill(key: string, where: Where, renew: boolean, signal: AbortSignal): Promise<AzureToken> {
    const token = await ask(options, call, where, renew, signal);
    const now = clock();
    for (const [other, { expiresAtMs }] of cache) if (expiresAtMs <= now) cache.delete(other);
    cache.set(key, token);
    return token;
  }

  function takeOff(key: string, where: Where, renew: boolean): Airborne {
    const mine: Airborne = {
      renew,
      flight: new Flight(async (signal) => {
        try {
          return await fill(key, where, renew, signal);
        } finally {
          // An abandoned one, or one that was passed by a renewal, has been replaced already.
          if (flights.get(key) === mine) flights.delete(key);
        }
      }),
    };
    flights.set(key, mine);
    return mine;
  }

  return {
    clientId,
    token: async (where, signal, renew) => {
      const key = `${where.cloud} ${where.tenantId}`;
      const cached = cache.get(key);
      if (!renew && cached !== undefined && clock() < cached.expiresAtMs - MARGIN_MS) return cached;
      const airborne = flights.get(key);
      const joins = airborne !== undefined && !airborne.flight.abandoned && (airborne.renew || !renew);
      return (joins ? airborne : takeOff(key, where, renew)).flight.join(signal);
    },
  };
}

/** One token request, of which there is one record. */
function ask(
  { clientId, prove, owner, egress, clock }: AzureAppOptions,
  call: Call<CallAbout>,
  where: Where,
  renew: boolean,
  signal: AbortSignal,
): Promise<AzureToken> {
  let askedAtMs = clock();
  return call(
    { operation: 'token', organization: null, signal },
    async (abortSignal) => {
      const to = { cloud: where.cloud, tokenUrl: tokenUrl(where) };
      const unusable = owner === 'operator' ? 'OUR_IDENTITY' : 'CREDENTIAL_UNAVAILABLE';
      const proof = await askOurs(() => prove(to, abortSignal, renew), abortSignal, unusable);
      askedAtMs = clock();
      return requestToken(egress, where, clientId, proof, abortSignal);
    },
    (response) => tokenOf(response, askedAtMs),
  );
}
