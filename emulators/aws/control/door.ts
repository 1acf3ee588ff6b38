import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { faultSchema } from '../faults';
import type { Served } from '../serve';
import type { TrailRecord } from '../trail/record';
import type { Answer } from '../wire/answer';
import { header, type WireRequest } from '../wire/protocol';
import { seedAccount } from './accounts';
import { setKeyState } from './key-state';

/** The way in for whoever runs the emulator: `/_emulator/…`, JSON, its own bearer token. It has no part in AWS. */
export const controlPrefix = '/_emulator/';

const accountSchema = z.strictObject({
  name: z.string().min(1).default('account'),
  accountId: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
});
const latencySchema = z.strictObject({ ms: z.number().min(0).max(60_000) });
const keyStateSchema = z.strictObject({
  keyArn: z.string(),
  state: z.enum(['Enabled', 'Disabled', 'PendingImport', 'Unavailable']),
});

export function control(served: Served, token: string, request: WireRequest): Answer {
  const url = new URL(request.target, 'http://emulator');
  const route = `${request.method} ${url.pathname.slice(controlPrefix.length)}`;
  if (route === 'GET health') return json(200, { ok: true });
  if (!sameToken(header(request, 'authorization'), token))
    return json(401, { error: 'bearer token missing or wrong' });
  try {
    return answer(served, route, url.searchParams, () => JSON.parse(request.body.toString('utf8') || '{}'));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof RangeError) {
      return json(400, { error: error instanceof z.ZodError ? z.prettifyError(error) : error.message });
    }
    throw error;
  }
}

function answer(served: Served, route: string, query: URLSearchParams, body: () => unknown): Answer {
  const { world, faults } = served;
  switch (route) {
    case 'POST accounts':
      return json(200, seedAccount(world, accountSchema.parse(body())));
    case 'GET accounts':
      return json(200, {
        accounts: [...world.state.accounts.values()].map(({ id, name }) => ({ accountId: id, name })),
      });
    case 'POST faults':
      return json(200, { id: faults.inject(faultSchema.parse(body())) });
    case 'GET faults':
      return json(200, { faults: faults.list() });
    case 'DELETE faults':
      faults.clear(query.get('id') ?? undefined);
      return json(200, {});
    case 'PUT latency':
      served.settings.latencyMs = latencySchema.parse(body()).ms;
      return json(200, {});
    case 'PUT key-state':
      setKeyState(world, keyStateSchema.parse(body()));
      return json(200, {});
    case 'GET counters':
      return json(200, { counters: served.counters.read(), lastSequence: world.trail.last });
    case 'GET trail':
      return json(200, { records: selected(served, query), lastSequence: world.trail.last });
    case 'GET trail/export':
      return json(200, { Records: selected(served, query) });
    default:
      return json(404, { error: `no such route: ${route}` });
  }
}

/** `since`: sequence after which to begin; `account`: only what that account's own trail would hold; `limit`. */
function selected(served: Served, query: URLSearchParams): readonly TrailRecord[] {
  const since = z.coerce
    .number()
    .int()
    .min(0)
    .parse(query.get('since') ?? 0);
  const limit = z.coerce
    .number()
    .int()
    .min(1)
    .parse(query.get('limit') ?? Number.MAX_SAFE_INTEGER);
  const account = query.get('account');
  const records = served.world.trail.since(since);
  return (account === null ? records : records.filter((r) => r.recipientAccountId === account)).slice(
    0,
    limit,
  );
}

function sameToken(given: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(`Bearer ${token}`));
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
