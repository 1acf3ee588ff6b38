import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import {
  createHttpHeaders,
  type HttpClient,
  type HttpHeaders,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { AZURE_CLOUDS, isVaultHost } from '../../domain/intake/azure';
import type { GuardedAgent } from './guarded-agent';
import { HostNotAllowed } from './host-not-allowed';
import { TransportFailed } from './transport-failed';

const LOGIN_HOSTS: readonly string[] = Object.values(AZURE_CLOUDS).map((cloud) => cloud.loginHost);

/** Whether we call it: a cloud's sign-in host, or `<vault>.<suffix>` with a suffix we know. One spelling, lower case. */
export const isAzureHost = (host: string): boolean => LOGIN_HOSTS.includes(host) || isVaultHost(host);

/** The largest answer that is read, in bytes: a wrapped key or a token is a few thousand. */
const ANSWER_MOST = 1 << 20;

/**
 * One host's client, for pipelines of the Azure SDK and for ourselves. It is the last word on where a request
 * goes: of what a pipeline has decided it takes method, path, headers, body and abort signal; proxies, agents, TLS settings and
 * overrides that policies left on the request are dropped, and no answer leads anywhere else.
 */
export class OneHostClient implements HttpClient {
  readonly #host: string;
  readonly #agent: GuardedAgent;

  constructor(host: string, agent: GuardedAgent) {
    this.#host = host;
    this.#agent = agent;
  }

  /**
   * @throws HostNotAllowed for any other origin, for a URL that isn't spelled as it is sent, or for a name that
   * leads to an address we don't connect to; TransportFailed; an `AbortError`
   */
  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const url = this.#urlOf(request.url);
    try {
      const answer = await exchange(this.#agent, url, request);
      return { request, ...answer };
    } catch (raw) {
      if (raw instanceof HostNotAllowed || (raw instanceof Error && raw.name === 'AbortError')) throw raw;
      throw new TransportFailed(raw);
    }
  }

  #urlOf(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const exact =
      url?.origin === `https://${this.#host}` &&
      url.username === '' &&
      url.password === '' &&
      url.hash === '' &&
      // No dot segments, tabs or backslashes that a parser would silently take away.
      url.href === text;
    if (!exact) throw new HostNotAllowed();
    return url;
  }
}

type Answer = Pick<PipelineResponse, 'status' | 'headers' | 'bodyAsText'>;

function exchange(agent: GuardedAgent, url: URL, request: PipelineRequest): Promise<Answer> {
  const { abortSignal } = request;
  return new Promise((resolve, reject) => {
    if (abortSignal?.aborted === true) {
      reject(aborted());
      return;
    }
    const sent = httpsRequest({
      agent,
      host: url.hostname,
      // Given, or else Node would take it from a Host header.
      servername: url.hostname,
      port: 443,
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers: sentHeaders(request.headers),
    });
    const onAbort = (): void => {
      sent.destroy(aborted());
    };
    abortSignal?.addEventListener('abort', onAbort);
    sent.once('close', () => abortSignal?.removeEventListener('abort', onAbort));
    sent.once('error', reject);
    sent.once('response', (response) => {
      textOf(response).then(
        (bodyAsText) =>
          resolve({ status: response.statusCode ?? 0, headers: keptHeaders(response.headers), bodyAsText }),
        (error: unknown) => {
          sent.destroy();
          reject(abortSignal?.aborted === true ? aborted() : error);
        },
      );
    });
    sent.end(bytesOf(request.body));
  });
}

/** Bodies are what our calls have: text or bytes. */
function bytesOf(body: PipelineRequest['body']): string | Uint8Array {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  throw new TypeError('a request body must be text or bytes');
}

function sentHeaders(headers: HttpHeaders): Record<string, string> {
  // Another Host would ask somebody else behind the same front; answers are read as they come.
  const { host: _host, 'accept-encoding': _encoding, ...rest } = headers.toJSON();
  return rest;
}

/** Without `Location`: the SDK's redirect policy would follow it, be it within the same host. */
function keptHeaders({ location: _location, ...headers }: IncomingHttpHeaders): HttpHeaders {
  const kept = createHttpHeaders();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) kept.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return kept;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > ANSWER_MOST) throw new TransportFailed(undefined);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function aborted(): Error {
  return Object.assign(new Error('aborted'), { name: 'AbortError' });
}
