import type { z } from 'zod';
import { problemShape } from '../shapes/problem';
import { ApiNotUnderstood, ApiRefused, ApiUnreachable } from './errors';
import { keepKeyMaterial } from './keep';

export interface TransportOptions {
  /** Of the API, without `/v1`. */
  readonly url: string;
  readonly token: string | null;
  /** Of every call, from its beginning to the last byte of its answer, in milliseconds. */
  readonly deadlineMs: number;
  readonly fetch: typeof fetch;
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** One request and its parsed answer. @throws KeyMaterialKept, ApiRefused, ApiUnreachable, ApiNotUnderstood */
export type Transport = <T>(call: Call, answer: z.ZodType<T>) => Promise<T>;

export function createTransport({ url, token, deadlineMs, fetch }: TransportOptions): Transport {
  const base = url.replace(/\/+$/, '');
  return async (call, answer) => {
    keepKeyMaterial(call);
    const { status, text } = await exchanged(call);
    const body = jsonOf(text);
    if (status >= 400) {
      const problem = problemShape.safeParse(body);
      throw problem.success
        ? new ApiRefused(problem.data, call.idempotencyKey ?? null)
        : new ApiNotUnderstood(status);
    }
    const parsed = answer.safeParse(body);
    if (!parsed.success) throw new ApiNotUnderstood(status);
    return parsed.data;
  };

  async function exchanged({
    method,
    path,
    body,
    idempotencyKey,
  }: Call): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.timeout(deadlineMs);
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        signal,
        redirect: 'error',
        headers: {
          accept: 'application/json, application/problem+json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    } catch {
      throw new ApiUnreachable(signal.aborted ? 'deadline' : 'connection', base, idempotencyKey ?? null);
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
