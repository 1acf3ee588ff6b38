import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Answer, header, type WireRequest } from './wire';

/** The way in for whoever runs an emulator: `/_emulator/…`, JSON, its own bearer token. It has no part in the cloud. */
export const controlPrefix = '/_emulator/';

export interface ControlRequest {
  /** `POST accounts` */
  readonly route: string;
  readonly query: URLSearchParams;
  /** @throws SyntaxError */
  readonly body: () => unknown;
}

/**
 * Checks the token, except for the `open` routes, and turns what `answer` throws for bad input (ZodError,
 * SyntaxError, RangeError) into a 400 that says what's wrong.
 */
export function controlled(
  request: WireRequest,
  token: string,
  open: readonly string[],
  answer: (asked: ControlRequest) => Answer,
): Answer {
  const url = new URL(request.target, 'http://emulator');
  const route = `${request.method} ${url.pathname.slice(controlPrefix.length)}`;
  if (!open.includes(route) && !sameToken(header(request, 'authorization'), token))
    return json(401, { error: 'bearer token missing or wrong' });
  try {
    return answer({
      route,
      query: url.searchParams,
      body: () => JSON.parse(request.body.toString('utf8') || '{}'),
    });
  } catch (error) {
    if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) });
    if (error instanceof SyntaxError || error instanceof RangeError)
      return json(400, { error: error.message });
    throw error;
  }
}

/** `since`: sequence after which to begin; `limit`: how many at most. */
export function pageOf(query: URLSearchParams): { since: number; limit: number } {
  const whole = (name: string, min: number, absent: number): number =>
    z.coerce
      .number()
      .int()
      .min(min)
      .parse(query.get(name) ?? absent);
  return { since: whole('since', 0, 0), limit: whole('limit', 1, Number.MAX_SAFE_INTEGER) };
}

export function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function sameToken(given: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(`Bearer ${token}`));
}
