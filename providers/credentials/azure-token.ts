import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { z } from 'zod';
import { ProviderFailure } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import { AZURE_CLOUDS, type AzureCloud, azureTenantId } from '../../domain/intake/azure';
import { requestIdOf } from '../../domain/intake/fields';
import { foreignJson } from '../calls/foreign-json';
import type { Egress } from '../egress/egress';
import type { AzureToken } from './azure';
import type { AzureProof } from './azure-proof';

export interface Where {
  readonly cloud: AzureCloud;
  /** The Entra tenant whose endpoint is asked. */
  readonly tenantId: string;
}

/**
 * The endpoint is computed: neither discovery nor a vault's challenge says whom we prove ourselves to.
 * @throws ProviderFailure CONFIG_INVALID for a tenant that isn't a GUID (`common` would be anybody's)
 */
export function tokenUrl({ cloud, tenantId }: Where): string {
  if (!azureTenantId.safeParse(tenantId).success) throw new ProviderFailure('CONFIG_INVALID');
  return `https://${AZURE_CLOUDS[cloud].loginHost}/${tenantId}/oauth2/v2.0/token`;
}

/**
 * One request to Entra's token endpoint, by client credentials (RFC 6749 §4.4), for Key Vault:
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * No retry, no redirect, nothing else is asked.
 * @throws HostNotAllowed, TransportFailed, an `AbortError`
 */
export function requestToken(
  egress: Pick<Egress, 'azure'>,
  where: Where,
  clientId: string,
  proof: AzureProof,
  abortSignal: AbortSignal,
): Promise<PipelineResponse> {
  const { loginHost, vaultSuffix } = AZURE_CLOUDS[where.cloud];
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: `https://${vaultSuffix}/.default`,
    ...fieldsOf(proof),
  });
  const request = createPipelineRequest({
    url: tokenUrl(where),
    method: 'POST',
    headers: createHttpHeaders({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    }),
    body: form.toString(),
    abortSignal,
  });
  return egress.azure(loginHost).httpClient.sendRequest(request);
}

function fieldsOf(proof: AzureProof): Record<string, string> {
  switch (proof.kind) {
    case 'assertion':
      return {
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: proof.assertion,
      };
    case 'secret':
      return { client_secret: proof.secret };
    default: {
      const unknown: never = proof;
      throw new Error(`unknown proof ${String(unknown)}`);
    }
  }
}

/** RFC 6749 §5.1. A token goes into a header: RFC 6750 §2.1 says of which characters it is. */
const granted = z.object({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().regex(/^[A-Za-z0-9._~+/-]{1,16384}=*$/),
  expires_in: z.number().positive().max(604_800),
});

/** An answer other than a token, in what its cause is told by: read by `classifyEntra`, where it ends. */
export class EntraRefusal extends Error {
  override readonly name = 'EntraRefusal';
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super('Entra refused');
  }
}

/**
 * @param askedAtMs our clock before we asked: a token's life is counted from there, never by their clock
 * @throws EntraRefusal; ProviderFailure UNCLASSIFIED for a 200 that isn't a token
 */
export function tokenOf(response: PipelineResponse, askedAtMs: number): AzureToken {
  const body = foreignJson(response.bodyAsText ?? '');
  if (response.status !== 200) throw new EntraRefusal(response.status, body);
  const answer = granted.safeParse(body);
  if (!answer.success) throw new ProviderFailure('UNCLASSIFIED', requestIdOfToken(response));
  const { access_token: token, expires_in } = answer.data;
  return { token, expiresAtMs: askedAtMs + expires_in * 1000 };
}

/** The "Request ID" of the tenant's sign-in log. */
export const requestIdOfToken = (response: PipelineResponse): RequestId | null =>
  requestIdOf(response.headers.get('x-ms-request-id'));
