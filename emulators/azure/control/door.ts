import { faultDoor } from '../../faults/door';
import { type ControlRequest, controlled, json, pageOf } from '../../loopback/control';
import type { Answer, WireRequest } from '../../loopback/wire';
import { administer, isActionName } from '../administration/actions';
import { resolves, type Served } from '../serve';
import type { AuditRow } from '../trail/row';

/** The routes of `/_emulator/…`; `health`, and `dns` as any resolver, need no token. */
export function control(served: Served, token: string, request: WireRequest): Answer {
  return controlled(request, token, ['GET health', 'GET dns'], (asked) => answer(served, asked));
}

function answer(served: Served, asked: ControlRequest): Answer {
  const { route, query, body } = asked;
  const { world } = served;
  if (isActionName(route)) return json(200, administer(world, route, body()));
  const injected = faultDoor(served.faults, served.pace, asked);
  if (injected !== undefined) return injected;
  switch (route) {
    case 'GET health':
      return json(200, { ok: true });
    case 'GET dns':
      return json(200, { addresses: resolves(world, query.get('name') ?? '') ? ['127.0.0.1'] : [] });
    case 'GET ca':
      return json(200, { ca: world.state.tls.ca });
    case 'GET counters':
      return json(200, { counters: served.counters.read(), lastSequence: world.trail.last });
    case 'GET trail':
      return json(200, { records: selected(served, query), lastSequence: world.trail.last });
    case 'GET trail/export':
      return json(200, { records: selected(served, query) });
    default:
      return json(404, { error: `no such route: ${route}` });
  }
}

/** `vault`: only the rows of the vault with that resource id. */
function selected(served: Served, query: URLSearchParams): readonly AuditRow[] {
  const { since, limit } = pageOf(query);
  const resourceId = query.get('vault')?.toUpperCase();
  const rows = served.world.trail.since(since);
  return (resourceId === undefined ? rows : rows.filter((r) => r.resourceId === resourceId)).slice(0, limit);
}
