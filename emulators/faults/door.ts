import { z } from 'zod';
import { type ControlRequest, json } from '../loopback/control';
import type { Answer } from '../loopback/wire';
import type { Pace } from './around';

const latencySchema = z.strictObject({ ms: z.number().min(0).max(60_000) });

interface Injectable {
  /** @throws ZodError */
  injectUnknown(input: unknown): string;
  clear(id?: string): void;
  list(): readonly object[];
}

/** The control door's routes for faults and delays; undefined for any other. */
export function faultDoor(faults: Injectable, pace: Pace, asked: ControlRequest): Answer | undefined {
  switch (asked.route) {
    case 'POST faults':
      return json(200, { id: faults.injectUnknown(asked.body()) });
    case 'GET faults':
      return json(200, { faults: faults.list() });
    case 'DELETE faults':
      faults.clear(asked.query.get('id') ?? undefined);
      return json(200, {});
    case 'PUT latency':
      pace.latencyMs = latencySchema.parse(asked.body()).ms;
      return json(200, {});
    default:
      return undefined;
  }
}
