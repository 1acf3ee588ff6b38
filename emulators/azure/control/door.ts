import { type ControlRequest, controlled, json, latencySchema, pageOf } from '../../loopback/control';
import type { Answer, WireRequest } from '../../loopback/wire';
import { administer, isActionName } from '../administration/actions';
import { faultSchema } from '../faults';
import { resolves, type Served } from '../serve';
import type { AuditRow } from '../trail/row';

/** The routes of `/_emulator/…`; `health`, and `dns` as any resolver, need no token. */
export function control(served: Served, token: string, request: WireRequest): Answer {
  return controlled(request, token, ['GET health', 'GET dns'], (asked) => answer(served, asked));
}

function answer(served: Served, { route, query, body }: ControlRequest): Answer {
  const { world, faults } = served;
  if (isActionName(route)) return json(200, administer(world, route, body()));
  switch (route) {
    case 'GET health':
      return json(200, { ok: true });
    case 'GET dns':
      return json(200, { addresses: resolves(world, query.get('name') ?? '') ? ['127.0.0.1'] : [] });
    case 'GET ca':
      return json(200, { ca: world.state.tls.ca });
    case 'POST faults':
      return json(200, { id: faults.inject(faultSchema.parse(body())) });
    case 'GET faults':
      return json(200, { faults: faults.list() });
    case 'DELETE faults':
      faults.clear(query.get('id') ?? undefined);
      return json(200, {});
    case 'PUT latency':
      served.pace.latencyMs = latencySchema.parse(body()).ms;
      return json(200, {});
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
