import type { OperationKind } from '../../../domain/custody';
import { type Body, demand, type Entry } from './entry';
import { PlatformKeys } from './platform-keys';

/** A wrapped key version, as the ledger tells it. */
export interface Wrapping {
  readonly sha256: string;
  readonly keyRef: string;
  readonly checkValue: string;
}

export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  /** Whoever opened it. */
  readonly startedBy: string;
  epoch: number;
  connection: string | null;
  /** The customer's key that the last verification found; `null`: it wasn't clean, or there is none. */
  verified: string | null;
  plan: { readonly digest: string; readonly orders: number; readonly live: string } | null;
  reviewed: boolean;
  /** By the customer. */
  approved: boolean;
  /** By the operator as well. */
  operatorApproved: boolean;
  /** `mint` of a rotation: the version that it was launched to make; `null`: none. */
  launched: { readonly mint: number | null } | null;
  /** It was launched once, whatever became of the plan. */
  everLaunched: boolean;
  /** The platform key that it has made. */
  platformKey: string | null;
  /** What became of that where it ended otherwise than by a switch is on record. */
  spareRetired: boolean;
  switched: boolean;
  refusals: number;
  ended: boolean;
  readonly staged: Map<number, Wrapping>;
}

/** The small model of custody: what an organization's ledger may say next, and what must be true then. */
export class Reference {
  custody: 'none' | 'platform' | 'customer' = 'none';
  currentVersion = 0;
  /** The one that custody is under; `null`: it is the platform's. */
  connection: string | null = null;
  readonly platform = new PlatformKeys();
  epoch = 0;
  orders = 0;
  entitled = false;
  /** The operation that holds the lock. */
  lock: string | null = null;
  incident: string | null = null;
  readonly live = new Map<number, Wrapping>();
  /** Superseded and not erased yet: SHA-256, and the key that each needs. */
  readonly former = new Map<string, string>();
  readonly erased = new Set<string>();
  readonly checkValues = new Map<number, string>();
  readonly operations = new Map<string, Operation>();
  entries = 0;

  constructor(
    /**
     * Whether the customer's key has signed this decision over this plan; `approveOffboarding`: whether a member of staff who
     * may has approved it.
     */
    readonly isSigned: (decision: string, planDigest: string) => boolean,
  ) {}

  get open(): Operation | undefined {
    return [...this.operations.values()].findLast((each) => !each.ended);
  }

  /** An offboarding that ended before its switch, and of whose platform key nothing is said yet. */
  get spareLeft(): Operation | undefined {
    return [...this.operations.values()].find(
      ({ kind, ended, switched, everLaunched, spareRetired }) =>
        kind === 'offboard' && ended && !switched && everLaunched && !spareRetired,
    );
  }

  /** Keys that live envelopes need. */
  keysInUse(): ReadonlySet<string> {
    return new Set([...this.live.values()].map(({ keyRef }) => keyRef));
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

  /** The same after its end. */
  endedOperationOf({ operationId, epoch, type }: Entry): Operation {
    const operation = this.operations.get(operationId ?? '');
    demand(operation?.ended === true, `${type} was written before its operation’s end`);
    demand(operation.epoch === epoch, `${type} was written under epoch ${epoch}, ${operation.epoch} holds`);
    return operation;
  }

  opens({ operationId, epoch, body, actor }: Entry): void {
    const kind = body['kind'] as OperationKind;
    demand(operationId !== null && epoch !== null, 'an operation without id and epoch');
    demand(epoch > this.epoch, `epoch ${epoch} after ${this.epoch}`);
    const twin = [...this.operations.values()].find((each) => each.kind === kind && !each.ended);
    demand(twin === undefined, `two open operations: ${kind}`);
    this.epoch = epoch;
    // These go by the connection in use; of the others the customer enters one.
    const connection = kind === 'rotate' || kind === 'offboard' ? this.connection : null;
    const beginning = { id: operationId, kind, epoch, connection, startedBy: actor.name };
    this.operations.set(operationId, { ...NEW_OPERATION, ...beginning, staged: new Map() });
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
    const nothing = { plan: null, reviewed: false, approved: false, operatorApproved: false, launched: null };
    Object.assign(operation, nothing);
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
    for (const { sha256, keyRef } of this.live.values()) this.former.set(sha256, keyRef);
    this.live.clear();
    for (const [version, wrapping] of operation.staged) {
      demand(!this.former.has(wrapping.sha256), `version ${version} goes on by the envelope that it had`);
      demand(!this.erased.has(wrapping.sha256), `version ${version} comes back to an erased envelope`);
      this.live.set(version, wrapping);
    }
    operation.staged.clear();
    operation.switched = true;
    this.custody = custody;
    this.currentVersion = Number(body['currentVersion']);
    demand(this.live.has(this.currentVersion), 'the current version isn’t live');
  }

  /**
   * What is live is never erased. @returns the keys that what was erased needed, and nothing live does: those that the
   * customer may switch off
   */
  erases(wrappings: readonly { readonly wrappedSha256: string }[]): ReadonlySet<string> {
    const live = new Set([...this.live.values()].map(({ sha256 }) => sha256));
    const keys = new Set<string>();
    for (const { wrappedSha256 } of wrappings) {
      demand(!live.has(wrappedSha256), 'a live envelope was erased');
      keys.add(this.former.get(wrappedSha256) ?? '');
      demand(this.former.delete(wrappedSha256), 'an envelope was erased that nothing has superseded');
      this.erased.add(wrappedSha256);
    }
    for (const inUse of this.keysInUse()) keys.delete(inUse);
    return keys;
  }
}

const NEW_OPERATION: Omit<Operation, 'id' | 'kind' | 'epoch' | 'connection' | 'startedBy' | 'staged'> = {
  verified: null,
  plan: null,
  reviewed: false,
  approved: false,
  operatorApproved: false,
  launched: null,
  everLaunched: false,
  platformKey: null,
  spareRetired: false,
  switched: false,
  refusals: 0,
  ended: false,
};
