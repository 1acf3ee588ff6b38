import type { Epoch, OrganizationId } from '../ids';
import type { Statement, StatementKind } from '../statement';

export interface CheckpointRequest {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** RFC 6962 consistency proof from the signer's last head of this origin to `size`. */
  readonly consistencyProof: readonly Uint8Array[];
}

/** What the signer signed last, of one ledger. */
export interface SignedHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Of how many ledgers the heads are asked for at once, at most. */
export const HEADS_AT_ONCE = 1_000;

/**
 * The signer process: holds the checkpoint key and the custody key, and its own durable last head and epoch per
 * organization. It signs only what a consistency proof connects to that head, and no custody below that epoch.
 */
export interface Signer {
  /** @returns the signed note (C2SP tlog-checkpoint). Signing the same head again gives the same note. */
  signCheckpoint(request: CheckpointRequest): Promise<string>;
  lastHead(origin: string): Promise<SignedHead | null>;
  /** {@link lastHead} of at most {@link HEADS_AT_ONCE} origins. What it doesn't answer isn't known: that is no `null`. */
  lastHeads(origins: readonly string[]): Promise<ReadonlyMap<string, SignedHead | null>>;
  /** @returns a compact JWS (EdDSA, `typ` of the kind). Deterministic: the same statement gives the same bytes. */
  signStatement(kind: StatementKind, statement: Statement): Promise<string>;
  /** The highest epoch a committed custody statement was raised to; 0 before the first. */
  epochFloor(organization: OrganizationId): Promise<Epoch>;
  /** Raises the floor after a custody statement was committed; lower or equal ones change nothing. */
  raiseEpochFloor(custodyStatement: string): Promise<void>;
  keys(): Promise<{
    readonly checkpointVkey: string;
    readonly custodyJwk: { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string };
  }>;
}
