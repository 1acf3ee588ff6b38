import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { control, controlPrefix } from './control/door';
import { internalFailure, type Outcome, type Served, serve } from './serve';
import type { WireRequest } from './wire/protocol';

/** More than any request AWS accepts here: a key policy and its envelope. */
const bodyMost = 1 << 20;
const closeGraceMs = 2_000;

export interface Listening {
  readonly url: string;
  /** Finishes what's being answered (for at most two seconds), then closes every connection. */
  close(): Promise<void>;
}

/** Binds the loopback interface only. */
export async function listen(
  served: Served,
  options: { port: number; controlToken: string },
): Promise<Listening> {
  let busy = 0;
  let idle: (() => void) | undefined;
  const hung = new Set<ServerResponse>();
  const finish = (response: ServerResponse, outcome: Outcome): void => {
    if (outcome === 'hang') hung.add(response);
    send(served, response, outcome);
  };
  const server = createServer((request, response) => {
    busy += 1;
    response.once('close', () => hung.delete(response));
    answer(served, options.controlToken, request)
      .then((outcome) => finish(response, outcome))
      .catch(() => response.destroy())
      .finally(() => {
        busy -= 1;
        if (busy === 0) idle?.();
      });
  });
  // The SDKs keep connections; a server that closes them first makes for spurious resets.
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  await started(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      served.faults.clear();
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

async function answer(served: Served, controlToken: string, incoming: IncomingMessage): Promise<Outcome> {
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
    if (request.target.startsWith(controlPrefix)) return control(served, controlToken, request);
    return await serve(served, request);
  } catch (error) {
    return internalFailure(request, served.world.uuid(), error);
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

function send(served: Served, response: ServerResponse, outcome: Outcome): void {
  if (outcome === 'hang') return;
  if (outcome === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  // SDKs correct their clock by this header, so it must tell the emulator's time.
  response.sendDate = false;
  response.writeHead(outcome.status, {
    date: new Date(served.world.clock()).toUTCString(),
    ...outcome.headers,
    'content-length': Buffer.byteLength(outcome.body),
  });
  response.end(outcome.body);
}
