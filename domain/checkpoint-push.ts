import { canonicalJson } from './canonical';
import { digestOf } from './digest';
import type { DeploymentId, EndpointId, Instant, OrganizationId } from './ids';

/** A signed head of an organization's ledger, to be kept by somebody else than us. */
export interface SignedHead {
  readonly size: number;
  /** The note, as the signer signed it (C2SP tlog-checkpoint). */
  readonly note: string;
}

/** An endpoint isn't sent a newer head sooner than after this, in milliseconds. */
export const PUSH_EVERY_MS = 3_600_000;

/** A push's id (Standard Webhooks): the same head comes to the same endpoint under the same one, however often it's sent. */
export const pushId = (deployment: DeploymentId, endpoint: EndpointId, note: string): string =>
  `msg_${digestOf({ deployment, push: endpoint, note }).slice(0, 32)}`;

/** The webhook's body. Who keeps `checkpoint` finds out with any later evidence bundle whether history was rewritten. */
export const pushBody = (
  deployment: DeploymentId,
  organization: OrganizationId,
  at: Instant,
  { size, note }: SignedHead,
): string =>
  canonicalJson({
    type: 'checkpoint.signed',
    timestamp: at,
    data: { deployment, organization: { id: organization }, size, checkpoint: note },
  });
