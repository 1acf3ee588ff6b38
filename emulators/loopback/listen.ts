import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { Answer, Outcome, WireRequest } from './wire';

/** More than any request a cloud's key service accepts. */
const bodyMost = 1 << 20;
const closeGraceMs = 2_000;

/** An emulator, as its listener sees it. */
export interface Emulated {
  answer(request: WireRequest): Promise<Outcome>;
  /** What to say when `answer` threw: a defect of the emulator. */
  failure(request: WireRequest, error: unknown): Answer;
  /** Epoch milliseconds, for the Date header. */
  clock(): number;
  /** Lets go of whatever it holds back, so that closing needn't wait. */
  release(): void;
}

export interface Listening {
  readonly port: number;
  /** Finishes what's being answered (for at most two seconds), then closes every connection. */
  close(): Promise<void>;
}

/** Binds the loopback interface only. With `tls` it speaks nothing else. */
export async function listen(
  emulated: Emulated,
  options: { port: number; tls?: TlsOptions },
): Promise<Listening> {
  let busy = 0;
  let idle: (() => void) | undefined;
  const hung = new Set<ServerResponse>();
  const finish = (response: ServerResponse, outcome: Outcome): void => {
    if (outcome === 'hang') hung.add(response);
    send(emulated, response, outcome);
  };
  const onRequest: RequestListener = (request, response) => {
    busy += 1;
    response.once('close', () => hung.delete(response));
    answer(emulated, request)
      .then((outcome) => finish(response, outcome))
      .catch(() => response.destroy())
      .finally(() => {
        busy -= 1;
        if (busy === 0) idle?.();
      });
  };
  const server: Server =
    options.tls === undefined ? createServer(onRequest) : createTlsServer(options.tls, onRequest);
  // The SDKs keep connections; a server that closes them first makes for spurious resets.
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  await started(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      emulated.release();
      for (const response of hung) response.destroy();
      if (busy > 0) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          idle = resolve;
          timer = setTimeout(resolve, closeGraceMs);
        });
        clearTimeout(timer);
      }
      server.closeAllConnections();
      await closed;
    },
  };
}

function started(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(emulated: Emulated, incoming: IncomingMessage): Promise<Outcome> {
  const body = await bodyOf(incoming);
  if (body === undefined) return { status: 413, headers: {}, body: '' };
  const request: WireRequest = {
    method: incoming.method ?? '',
    target: incoming.url ?? '/',
    headers: incoming.headers,
    body,
    sourceIp: incoming.socket.remoteAddress ?? '',
  };
  try {
    return await emulated.answer(request);
  } catch (error) {
    return emulated.failure(request, error);
  }
}

function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyMost) chunks.push(chunk);
    });
    incoming.on('end', () =>
      resolve(size > bodyMost ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)),
    );
    incoming.on('error', reject);
  });
}

function send(emulated: Emulated, response: ServerResponse, outcome: Outcome): void {
  if (outcome === 'hang') return;
  if (outcome === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  // SDKs correct their clock by this header, so it must tell the emulator's time.
  response.sendDate = false;
  response.writeHead(outcome.status, {
    date: new Date(emulated.clock()).toUTCString(),
    ...outcome.headers,
    'content-length': Buffer.byteLength(outcome.body),
  });
  response.end(outcome.body);
}
