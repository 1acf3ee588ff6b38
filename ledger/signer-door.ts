import { createHash, timingSafeEqual } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { z } from 'zod';
import type { Signer } from '../domain/ports/signer';
import { type DOOR_REFUSALS, type SignerRefusalCode, SignerRefused } from './signer-errors';
import { isSignerMethod, MAX_BODY_BYTES, type SignerMethod, STATE_UNKNOWN, serve } from './signer-wire';
import { StateUnknown } from './state-unknown';

export interface SignerDoorOptions {
  readonly signer: Signer;
  /** Path of the Unix socket: at most 107 bytes; readable by its owner only. */
  readonly socketPath: string;
  /** What callers send as `Authorization: Bearer …`. At least 32 characters. */
  readonly token: string;
  /** Of a caller that may ask for everything but statements: the API. Another one than `token`, as long. */
  readonly readerToken?: string;
  /** One event per request, on every path. */
  readonly log: { info(event: object, message: string): void };
  /** Told of every request that isn't answered: by the signer's own code, or the door's. */
  readonly refused?: (code: string) => void;
}

export interface SignerDoor {
  /** Lets requests under way finish, then removes the socket. */
  close(): Promise<void>;
}

/**
 * Serves a signer on a Unix socket. The socket is also the lock: while one process answers on it, another one's
 * start is refused.
 * @throws Error if the socket is taken or the token is short.
 */
export async function openSignerDoor(options: SignerDoorOptions): Promise<SignerDoor> {
  const { socketPath, token, readerToken } = options;
  for (const each of [token, ...(readerToken === undefined ? [] : [readerToken])])
    if (each.length < 32) throw new Error('the signer token has at least 32 characters');
  if (token === readerToken) throw new Error('the reader’s token must be another one');
  if (await answers(socketPath)) throw new Error(`a signer already listens on ${socketPath}`);
  await rm(socketPath, { force: true });
  const server = createServer((request, response) => void handle(options, request, response));
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o600);
  return {
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeIdleConnections();
      }),
  };
}

async function handle(
  options: SignerDoorOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = /^\/v1\/([A-Za-z]+)$/.exec(request.url ?? '')?.[1] ?? '';
  const { log, refused } = options;
  const { status, body } = await answer(options, method, request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const known = isSignerMethod(method) ? method : 'unknown';
  const code = 'code' in body ? { code: String(body.code) } : {};
  log.info({ event: 'signer.request', method: known, status, ...code }, 'signer request');
  if (code.code !== undefined) refused?.(code.code);
}

/** Nothing here moves custody: whoever holds only this can't have a statement signed, or one's epoch outdated. */
const FOR_READERS: ReadonlySet<string> = new Set<SignerMethod>([
  'keys',
  'lastHead',
  'lastHeads',
  'epochFloor',
  'signCheckpoint',
]);

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function answer(
  { signer, token, readerToken }: SignerDoorOptions,
  method: string,
  request: IncomingMessage,
): Promise<Answer> {
  const refuse = (status: number, code: SignerRefusalCode | (typeof DOOR_REFUSALS)[number]): Answer => ({
    status,
    body: { code },
  });
  const given = request.headers.authorization ?? '';
  const isReader = readerToken !== undefined && sameSecret(given, `Bearer ${readerToken}`);
  const mayAsk = sameSecret(given, `Bearer ${token}`) || (isReader && FOR_READERS.has(method));
  if (!mayAsk) return refuse(401, 'UNAUTHORIZED');
  if (request.method !== 'POST' || !isSignerMethod(method)) return refuse(404, 'NOT_FOUND');
  try {
    return { status: 200, body: await serve(signer, method, JSON.parse(await bodyOf(request))) };
  } catch (error) {
    if (error instanceof SignerRefused) return refuse(409, error.code);
    if (error instanceof z.ZodError || error instanceof SyntaxError) return refuse(400, 'BAD_REQUEST');
    if (error instanceof StateUnknown) return refuse(503, STATE_UNKNOWN);
    return refuse(500, 'INTERNAL');
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new SyntaxError('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** In constant time, whatever the lengths. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Whether somebody accepts connections there. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
