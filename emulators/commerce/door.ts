import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Commerce } from './commerce';

const bodyMost = 16_384;

export interface CommerceDoor {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `POST /orders` (bearer token; answers `{jws, claims}`), `GET /jwks.json`, `GET /health`. Loopback only: whoever
 * can post here can mint an entitlement.
 */
export async function openCommerceDoor(
  commerce: Commerce,
  options: { port?: number; token: string },
): Promise<CommerceDoor> {
  const server = createServer((request, response) => {
    answer(commerce, options.token, request)
      .catch((): Answered => [500, { error: 'commerce failed' }])
      .then(([status, body]) => send(response, status, body))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Answered = readonly [status: number, body: object];

async function answer(commerce: Commerce, token: string, request: IncomingMessage): Promise<Answered> {
  const route = `${request.method ?? ''} ${request.url ?? ''}`;
  if (route === 'GET /health') return [200, { ok: true }];
  if (route === 'GET /jwks.json') return [200, commerce.jwks()];
  if (route !== 'POST /orders') return [404, { error: `no such route: ${route}` }];
  if (!sameToken(request.headers.authorization, token))
    return [401, { error: 'bearer token missing or wrong' }];
  const body = await bodyOf(request);
  if (body === undefined) return [413, { error: `more than ${bodyMost} bytes` }];
  try {
    return [201, await commerce.sign(JSON.parse(body))];
  } catch (error) {
    if (error instanceof z.ZodError) return [400, { error: z.prettifyError(error) }];
    if (error instanceof SyntaxError) return [400, { error: 'not JSON' }];
    throw error;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyMost) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sameToken(given: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(`Bearer ${token}`));
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
