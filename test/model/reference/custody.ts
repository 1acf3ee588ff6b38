import type { OperationKind } from '../../../domain/custody';
import { type Body, demand, type Entry } from './entry';

/** A wrapped key version, as the ledger tells it. */
export interface Wrapping {
  readonly sha256: string;
  readonly keyRef: string;
  readonly checkValue: string;
}

/** What is known of the operator's key, in the only order there is. */
export const PLATFORM_ENDS = ['used', 'switched', 'disabled', 'sealed', 'erased', 'scheduled'] as const;
export type PlatformEnd = (typeof PLATFORM_ENDS)[number];

export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  epoch: number;
  connection: string | null;
  /** The customer's key that the last verification found; `null`: it wasn't clean, or there is none. */
  verified: string | null;
  plan: { readonly digest: string; readonly orders: number; readonly live: string } | null;
  reviewed: boolean;
  approved: boolean;
  launched: { readonly rewrap: readonly number[] | null; readonly mint: number | null } | null;
  switched: boolean;
  refusals: number;
  ended: boolean;
  readonly staged: Map<number, Wrapping>;
}

/** The small model of custody: what an organization's ledger may say next, and what must be true then. */
export class Reference {
  custody: 'none' | 'platform' | 'customer' = 'none';
  currentVersion = 0;
  platform: PlatformEnd = 'used';
  epoch = 0;
  orders = 0;
  entitled = false;
  /** The operation that holds the lock. */
  lock: string | null = null;
  incident: string | null = null;
  readonly live = new Map<number, Wrapping>();
  /** Superseded and not erased yet. */
  readonly former = new Set<string>();
  readonly checkValues = new Map<number, string>();
  readonly operations = new Map<string, Operation>();
  entries = 0;

  constructor(
    /** Whether the customer's key has signed this decision over this plan. */
    readonly isSigned: (decision: string, planDigest: string) => boolean,
  ) {}

  get open(): Operation | undefined {
    return [...this.operations.values()].findLast((each) => !each.ended);
  }

  liveDigests(): string {
    return [...this.live].map(([version, { sha256 }]) => `${version}:${sha256}`).join();
  }

  /** Invariant 10: whoever writes an entry of an operation holds its newest epoch. */
  operationOf({ operationId, epoch, type }: Entry): Operation {
    const operation = this.operations.get(operationId ?? '');
    demand(operation !== undefined, `${type} belongs to no operation`);
    demand(operation.epoch === epoch, `${type} was written under epoch ${epoch}, ${operation.epoch} holds`);
    demand(!operation.ended, `${type} was written after its operation’s end`);
    return operation;
  }

  opens({ operationId, epoch, body }: Entry): void {
    const kind = body['kind'] as OperationKind;
    demand(operationId !== null && epoch !== null, 'an operation without id and epoch');
    demand(epoch > this.epoch, `epoch ${epoch} after ${this.epoch}`);
    const twin = [...this.operations.values()].find((each) => each.kind === kind && !each.ended);
    demand(twin === undefined, `two open operations: ${kind}`);
    this.epoch = epoch;
    this.operations.set(operationId, newOperation(operationId, kind, epoch));
  }

  claims({ operationId, epoch }: Entry): void {
    const operation = this.operations.get(operationId ?? '');
    demand(operation !== undefined && !operation.ended, 'what was claimed isn’t open');
    demand(epoch !== null && epoch > this.epoch, `epoch ${epoch} after ${this.epoch}`);
    this.epoch = epoch;
    operation.epoch = epoch;
  }

  locks(operation: Operation): void {
    demand(this.lock === null || this.lock === operation.id, 'two operations hold the lock');
    this.lock = operation.id;
  }

  /** A plan is given up: nothing of it counts any more. */
  voids(operation: Operation): void {
    Object.assign(operation, { plan: null, reviewed: false, approved: false, launched: null });
    operation.staged.clear();
    this.unlocks(operation);
  }

  unlocks({ id }: Operation): void {
    if (this.lock === id) this.lock = null;
  }

  ends(operation: Operation): void {
    operation.staged.clear();
    operation.ended = true;
    this.unlocks(operation);
  }

  /** What was staged is live from here on. Invariant 2: nothing that was live is lost by it. */
  switchesTo(custody: 'platform' | 'customer', operation: Operation, body: Body): void {
    for (const version of this.live.keys()) {
      demand(operation.staged.has(version), `live version ${version} was not staged before the switch`);
    }
    for (const [version, { checkValue }] of operation.staged) {
      const known = this.checkValues.get(version);
      demand(known === undefined || known === checkValue, `version ${version} has become another key`);
      this.checkValues.set(version, checkValue);
    }
    for (const { sha256 } of this.live.values()) this.former.add(sha256);
    this.live.clear();
    for (const [version, wrapping] of operation.staged) this.live.set(version, wrapping);
    operation.staged.clear();
    operation.switched = true;
    this.custody = custody;
    this.currentVersion = Number(body['currentVersion']);
    demand(this.live.has(this.currentVersion), 'the current version isn’t live');
  }

  /** What is live is never erased. */
  erases(wrappings: readonly { readonly wrappedSha256: string }[]): void {
    const live = new Set([...this.live.values()].map(({ sha256 }) => sha256));
    for (const { wrappedSha256 } of wrappings) {
      demand(!live.has(wrappedSha256), 'a live envelope was erased');
      demand(this.former.delete(wrappedSha256), 'an envelope was erased that nothing has superseded');
    }
  }

  platformGoesTo(end: PlatformEnd): void {
    const [from, to] = [PLATFORM_ENDS.indexOf(this.platform), PLATFORM_ENDS.indexOf(end)];
    // Disabled again, where it was found alive.
    demand(
      to === from + 1 || (to === from && end === 'disabled'),
      `platform key: ${end} after ${this.platform}`,
    );
    this.platform = end;
  }
}

const newOperation = (id: string, kind: OperationKind, epoch: number): Operation => ({
  ...{ id, kind, epoch },
  connection: null,
  verified: null,
  plan: null,
  reviewed: false,
  approved: false,
  launched: null,
  switched: false,
  refusals: 0,
  ended: false,
  staged: new Map(),
});
