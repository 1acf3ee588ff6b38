import type { Actor } from './actor';
import type { JsonObject } from './canonical';
import type { ConnectionInput } from './connection';
import { digestOf } from './digest';
import {
  type ConnectionId,
  type DeploymentId,
  type DryRunId,
  type Instant,
  instantOf,
  type KeyRef,
  type KeyVersion,
  type LedgerIndex,
  msOf,
  type OperationId,
  type OrganizationId,
  type OrganizationName,
  type Sha256Hex,
} from './ids';
import { nextVersion } from './rotation';

/** What every plan says, whatever it is for. */
interface PlanFrame {
  readonly type: 'smsk-plan/v1';
  readonly deployment: DeploymentId;
  readonly organization: { readonly id: OrganizationId; readonly name: OrganizationName };
  readonly operationId: OperationId;
  readonly dryRunId: DryRunId;
  readonly computedAt: Instant;
  readonly expiresAt: Instant;
  /** Versions that will be re-wrapped, with the envelope each is unwrapped from. */
  readonly rewrap: readonly PlannedVersion[];
}

export interface PlannedVersion {
  readonly version: KeyVersion;
  readonly envelopeSha256: Sha256Hex;
  readonly checkValue: Sha256Hex;
}

/** The order behind what a plan moves to the customer. */
export interface PlannedOrder {
  readonly orderRef: string;
  readonly digest: Sha256Hex;
}

/** The connection a plan moves to, as it was verified. */
export interface PlannedConnection {
  readonly id: ConnectionId;
  readonly digest: Sha256Hex;
  readonly input: ConnectionInput;
  readonly keyRef: KeyRef;
  readonly verifiedBy: LedgerIndex;
}

/** The connection in use that a plan moves away from. */
export interface FormerConnection {
  readonly id: ConnectionId;
  readonly digest: Sha256Hex;
  readonly keyRef: KeyRef;
}

/** From the operator's key to the customer's. */
export interface ActivationPlan extends PlanFrame {
  readonly kind: 'activate';
  readonly order: PlannedOrder;
  readonly connection: PlannedConnection;
  /** The fresh version that new data is encrypted under; the platform never wraps it. */
  readonly mint: KeyVersion;
  readonly custody: { readonly from: 'platform'; readonly to: 'customer' };
  readonly platformKey: {
    readonly keyRef: KeyRef;
    /** Days the provider keeps a key that is scheduled for deletion. */
    readonly deletionWindowDays: number;
    /** From this date on the operator's former key can't be enabled again: the plan's expiry plus the window plus a day. */
    readonly destroyedBy: Instant;
  };
}

/** From one key, account or provider of the customer's to another. */
export interface ConnectionPlan extends PlanFrame {
  readonly kind: 'change-connection';
  readonly order: PlannedOrder;
  readonly connection: PlannedConnection;
  readonly from: FormerConnection;
  /** The fresh version that new data is encrypted under; the former key never wraps it. */
  readonly mint: KeyVersion;
  readonly custody: { readonly from: 'customer'; readonly to: 'customer' };
}

/** From the customer's key back to one of the operator's. */
export interface OffboardingPlan extends PlanFrame {
  readonly kind: 'offboard';
  readonly from: FormerConnection;
  readonly custody: { readonly from: 'customer'; readonly to: 'platform' };
  /** Made at live: a dry-run changes nothing, so no plan can name it. */
  readonly platformKey: 'new';
  /** Whoever started it approves nothing of it. */
  readonly startedBy: Actor;
  readonly approvals: readonly ['customer', 'operator'];
}

/** What an operation will do: everything it reads and everything it will change, by value or by digest. */
export type Plan = ActivationPlan | ConnectionPlan | OffboardingPlan;

/** Plans that put key material under a customer's key: an order is behind them, and a connection that was verified. */
export type PlanToCustomer = ActivationPlan | ConnectionPlan;
export const isToCustomer = (plan: Plan): plan is PlanToCustomer => plan.custody.to === 'customer';

/** The digest that is reviewed, signed and launched: SHA-256 over the plan's canonical form. */
export function planDigest(plan: Plan): Sha256Hex {
  return digestOf(plan as unknown as JsonObject);
}

interface FactsFrame {
  readonly deployment: DeploymentId;
  readonly organization: Plan['organization'];
  readonly operationId: OperationId;
  readonly live: readonly PlannedVersion[];
}

/** What a plan is computed from: one consistent read. */
export type PlanFacts = FactsFrame &
  (
    | {
        readonly kind: 'activate';
        readonly order: PlannedOrder;
        readonly connection: PlannedConnection;
        readonly platformKeyRef: KeyRef;
      }
    | {
        readonly kind: 'change-connection';
        readonly order: PlannedOrder;
        readonly connection: PlannedConnection;
        readonly from: FormerConnection;
      }
    | { readonly kind: 'offboard'; readonly from: FormerConnection; readonly startedBy: Actor }
  );

export const PLAN_VALID_DAYS = 14;
export const PLATFORM_KEY_DELETION_DAYS = 7;
const DAY_MS = 86_400_000;

/**
 * The plan for these facts. Pure: computed again at live with the same dry-run id and instant, it has the same
 * digest if, and only if, nothing it was computed from has changed.
 */
export function planOf(facts: PlanFacts, dryRunId: DryRunId, computedAt: Instant): Plan {
  const at = (days: number) => instantOf(msOf(computedAt) + days * DAY_MS);
  const { deployment, organization, operationId, live } = facts;
  const frame = {
    type: 'smsk-plan/v1',
    ...{ deployment, organization, operationId, dryRunId, computedAt },
    expiresAt: at(PLAN_VALID_DAYS),
    rewrap: [...live].sort((a, b) => a.version - b.version),
  } as const;
  const mint = nextVersion(live.map(({ version }) => version));
  const { kind } = facts;
  switch (kind) {
    case 'activate':
      return {
        ...frame,
        kind,
        order: facts.order,
        connection: facts.connection,
        mint,
        custody: { from: 'platform', to: 'customer' },
        platformKey: {
          keyRef: facts.platformKeyRef,
          deletionWindowDays: PLATFORM_KEY_DELETION_DAYS,
          destroyedBy: at(PLAN_VALID_DAYS + PLATFORM_KEY_DELETION_DAYS + 1),
        },
      };
    case 'change-connection': {
      const { order, connection, from } = facts;
      return { ...frame, kind, order, connection, from, mint, custody: { from: 'customer', to: 'customer' } };
    }
    case 'offboard':
      return {
        ...frame,
        kind,
        from: facts.from,
        custody: { from: 'customer', to: 'platform' },
        platformKey: 'new',
        startedBy: facts.startedBy,
        approvals: ['customer', 'operator'],
      };
    default: {
      const unknown: never = kind;
      throw new Error(`unknown plan ${String(unknown)}`);
    }
  }
}

/** The version that a plan has made new; `null` where it makes none. */
export const mintOf = (plan: Plan): KeyVersion | null => (isToCustomer(plan) ? plan.mint : null);
