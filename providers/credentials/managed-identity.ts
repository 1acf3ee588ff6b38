import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { jws } from '../../domain/intake/fields';
import { abortable } from '../calls/abortable';
import { foreignJson } from '../calls/foreign-json';
import { type AzureEmulator, azureEmulatorPort } from '../egress/azure-emulator';

/** So long before its end a token is replaced, by our clock. */
const MARGIN_MS = 300_000;
/** Of one request to the machine's own endpoint, in milliseconds. */
const ASK_MS = 5_000;

/** The identity that the platform gave this machine. Its tokens are only ever exchanged for an app's. */
export interface ManagedIdentity {
  /**
   * @param resource the audience
   * @throws Error that holds nothing of the endpoint's answer
   */
  token(resource: string, signal: AbortSignal, renew: boolean): Promise<string>;
}

/** Where this machine's identity is asked for: never an address that anybody entered. */
export type IdentityEndpoint =
  /** https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
  | { readonly kind: 'imds' }
  /** https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
  | {
      readonly kind: 'app-service';
      readonly url: URL;
      readonly header: string;
      /** PEM: the emulator's, which speaks TLS. */
      readonly ca?: string;
    };

const LOCAL = /^http:\/\/(?:localhost|127\.0\.0\.1|169\.254\.\d{1,3}\.\d{1,3}):\d{1,5}\/[A-Za-z0-9/_-]*$/;

/**
 * App Service and Container Apps say by two variables where their endpoint is; elsewhere it is the one of virtual
 * machines.
 * @throws Error at start-up for an endpoint that isn't this machine's, or one of Azure Arc's or Service Fabric's
 */
export function identityEndpoint(
  env: Readonly<Record<string, string | undefined>>,
  emulator: AzureEmulator | null,
): IdentityEndpoint {
  const { IDENTITY_ENDPOINT: url, IDENTITY_HEADER: header } = env;
  for (const name of ['IMDS_ENDPOINT', 'IDENTITY_SERVER_THUMBPRINT']) {
    if ((env[name] ?? '') !== '')
      throw new Error(`${name} is set: managed identities of Azure Arc and Service Fabric aren’t supported`);
  }
  if (url === undefined || url === '') return { kind: 'imds' };
  if (header === undefined || header === '')
    throw new Error('IDENTITY_ENDPOINT is set without IDENTITY_HEADER');
  if (emulator !== null && url === `https://127.0.0.1:${azureEmulatorPort(emulator.url)}/msi/token`) {
    return { kind: 'app-service', url: new URL(url), header, ca: emulator.ca };
  }
  if (!LOCAL.test(url)) {
    throw new Error(
      'IDENTITY_ENDPOINT isn’t an address that App Service or Container Apps give; unset it to ask the machine’s own',
    );
  }
  return { kind: 'app-service', url: new URL(url), header };
}

/** Numbers come as text. `expires_in` is IMDS's, `expires_on` (seconds since the epoch) everybody's. */
const granted = z.object({
  access_token: jws,
  expires_in: z.coerce.number().positive().optional(),
  expires_on: z.coerce.number().positive(),
});

/** @param clientId of a user-assigned identity; `null`: the system-assigned one */
export function managedIdentity(
  endpoint: IdentityEndpoint,
  clientId: string | null,
  clock: () => number,
): ManagedIdentity {
  const cache = new Map<string, { readonly token: string; readonly renewAtMs: number }>();
  return {
    token: async (resource, signal, renew) => {
      const cached = cache.get(resource);
      if (!renew && cached !== undefined && clock() < cached.renewAtMs) return cached.token;
      const askedAtMs = clock();
      const text = await abortable(ask(endpoint, resource, clientId, signal), signal);
      const answer = granted.safeParse(foreignJson(text));
      if (!answer.success) throw new Error('the managed identity’s endpoint gave no token');
      const { access_token: token, expires_in, expires_on } = answer.data;
      const endsAtMs = expires_in === undefined ? expires_on * 1000 : askedAtMs + expires_in * 1000;
      cache.set(resource, { token, renewAtMs: endsAtMs - MARGIN_MS });
      return token;
    },
  };
}

/** Node's own client: it knows no proxy and follows no redirect. A connection of its own each time. */
function ask(
  endpoint: IdentityEndpoint,
  resource: string,
  clientId: string | null,
  signal: AbortSignal,
): Promise<string> {
  const query = new URLSearchParams({ resource, ...(clientId === null ? {} : { client_id: clientId }) });
  const both = {
    method: 'GET',
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]),
  };
  return new Promise((resolve, reject) => {
    const read = (response: IncomingMessage): void => {
      textOf(response).then(resolve, reject);
    };
    const sent =
      endpoint.kind === 'imds'
        ? httpRequest(
            {
              ...both,
              host: '169.254.169.254',
              port: 80,
              path: `/metadata/identity/oauth2/token?api-version=2018-02-01&${query}`,
              // Keeps out what forwards a URL and no headers.
              headers: { metadata: 'true' },
            },
            read,
          )
        : (endpoint.ca === undefined ? httpRequest : httpsRequest)(
            {
              ...both,
              host: endpoint.url.hostname,
              port: endpoint.url.port,
              path: `${endpoint.url.pathname}?api-version=2019-08-01&${query}`,
              headers: { 'x-identity-header': endpoint.header },
              ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
            },
            read,
          );
    sent.once('error', reject).end();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error('the managed identity’s endpoint refused');
  }
  let text = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > 65_536) throw new Error('the managed identity’s endpoint gave no token');
  }
  return text;
}
