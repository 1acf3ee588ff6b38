import type { JsonObject } from './canonical';
import type { ConnectionInput } from './connection';
import { digestOf } from './digest';
import type {
  ConnectionId,
  DeploymentId,
  DryRunId,
  Instant,
  KeyRef,
  KeyVersion,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
  Sha256Hex,
} from './ids';

/** What an activation will do: everything it reads and everything it will change, by value or by digest. */
export interface Plan {
  readonly type: 'smsk-plan/v1';
  readonly deployment: DeploymentId;
  readonly organization: { readonly id: OrganizationId; readonly name: OrganizationName };
  readonly operationId: OperationId;
  readonly kind: 'activate';
  readonly dryRunId: DryRunId;
  readonly computedAt: Instant;
  readonly expiresAt: Instant;
  readonly order: { readonly orderRef: string; readonly digest: Sha256Hex };
  readonly connection: {
    readonly id: ConnectionId;
    readonly digest: Sha256Hex;
    readonly input: ConnectionInput;
    readonly keyRef: KeyRef;
    readonly verifiedBy: LedgerIndex;
  };
  /** Versions that will be re-wrapped, with the envelope each is unwrapped from. */
  readonly rewrap: readonly {
    readonly version: KeyVersion;
    readonly envelopeSha256: Sha256Hex;
    readonly checkValue: Sha256Hex;
  }[];
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

/** The digest that is reviewed, signed and launched: SHA-256 over the plan's canonical form. */
export function planDigest(plan: Plan): Sha256Hex {
  return digestOf(plan as unknown as JsonObject);
}

/** What a plan is computed from: one consistent read. */
export interface PlanFacts {
  readonly deployment: DeploymentId;
  readonly organization: Plan['organization'];
  readonly operationId: OperationId;
  readonly order: Plan['order'];
  readonly connection: Plan['connection'];
  readonly live: Plan['rewrap'];
  readonly platformKeyRef: KeyRef;
}

export const PLAN_VALID_DAYS = 14;
export const PLATFORM_KEY_DELETION_DAYS = 7;
const DAY_MS = 86_400_000;

/**
 * The plan for these facts. Pure: computed again at live with the same dry-run id and instant, it has the same
 * digest if, and only if, nothing it was computed from has changed.
 */
export function planOf(facts: PlanFacts, dryRunId: DryRunId, computedAt: Instant): Plan {
  const startMs = Date.parse(computedAt);
  const at = (days: number) => new Date(startMs + days * DAY_MS).toISOString() as Instant;
  const newest = Math.max(0, ...facts.live.map((envelope) => envelope.version));
  return {
    type: 'smsk-plan/v1',
    deployment: facts.deployment,
    organization: facts.organization,
    operationId: facts.operationId,
    kind: 'activate',
    dryRunId,
    computedAt,
    expiresAt: at(PLAN_VALID_DAYS),
    order: facts.order,
    connection: facts.connection,
    rewrap: [...facts.live].sort((a, b) => a.version - b.version),
    mint: (newest + 1) as KeyVersion,
    custody: { from: 'platform', to: 'customer' },
    platformKey: {
      keyRef: facts.platformKeyRef,
      deletionWindowDays: PLATFORM_KEY_DELETION_DAYS,
      destroyedBy: at(PLAN_VALID_DAYS + PLATFORM_KEY_DELETION_DAYS + 1),
    },
  };
}
