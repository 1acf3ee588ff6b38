import { z } from 'zod';
import { faultDoor } from '../../faults/door';
import { type ControlRequest, controlled, json, pageOf } from '../../loopback/control';
import type { Answer, WireRequest } from '../../loopback/wire';
import type { Served } from '../serve';
import type { TrailRecord } from '../trail/record';
import { seedAccount } from './accounts';
import { setKeyState } from './key-state';

const accountSchema = z.strictObject({
  name: z.string().min(1).default('account'),
  accountId: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
});
const keyStateSchema = z.strictObject({
  keyArn: z.string(),
  state: z.enum(['Enabled', 'Disabled', 'PendingImport', 'Unavailable']),
});

/** The routes of `/_emulator/…`; only `health` needs no token. */
export function control(served: Served, token: string, request: WireRequest): Answer {
  return controlled(request, token, ['GET health'], (asked) => answer(served, asked));
}

function answer(served: Served, asked: ControlRequest): Answer {
  const { route, query, body } = asked;
  const { world } = served;
  const injected = faultDoor(served.faults, served.settings, asked);
  if (injected !== undefined) return injected;
  switch (route) {
    case 'GET health':
      return json(200, { ok: true });
    case 'POST accounts':
      return json(200, seedAccount(world, accountSchema.parse(body())));
    case 'GET accounts':
      return json(200, {
        accounts: [...world.state.accounts.values()].map(({ id, name }) => ({ accountId: id, name })),
      });
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

/** `account`: only what that account's own trail would hold. */
function selected(served: Served, query: URLSearchParams): readonly TrailRecord[] {
  const { since, limit } = pageOf(query);
  const account = query.get('account');
  const records = served.world.trail.since(since);
  return (account === null ? records : records.filter((r) => r.recipientAccountId === account)).slice(
    0,
    limit,
  );
}
