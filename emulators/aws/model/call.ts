import type { TrailResource } from '../trail/record';
import type { Service } from '../wire/protocol';
import type { Caller } from './caller';
import type { World } from './world';

/** One authenticated request, and what its handler has to say to the trail. */
export interface Call {
  readonly world: World;
  readonly caller: Caller;
  readonly region: string;
  readonly service: Service;
  readonly action: string;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly nowMs: number;
  readonly notes: Notes;
}

export interface Notes {
  parameters: Readonly<Record<string, unknown>> | null;
  response: Readonly<Record<string, unknown>> | null;
  extra: Readonly<Record<string, unknown>> | undefined;
  readonly resources: TrailResource[];
  /** Account that owns what the call is about. */
  recipient: string;
  /** Set by a handler that has changed the state: it's saved before the answer leaves. */
  changed: boolean;
}
