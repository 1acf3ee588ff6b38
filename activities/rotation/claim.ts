import { UNVERIFIED } from '../../domain/actor';
import type { OrganizationName } from '../../domain/ids';
import { type RotationAsk, requested } from '../../domain/rotation';
import type { CustodyDeps } from '../deps';
import { bySystem } from '../refusals';
import { demandMay, goingOn, type Sent, senderOf } from '../sender';
import { type Sender, type Standing, standingOf } from '../step';

type Deps = Pick<CustodyDeps, 'store' | 'authority' | 'settings'>;

export interface ClaimedRotation {
  readonly standing: Standing;
  /** Who holds the epoch: the run that asked. A reset run finds another one's name in its history. */
  readonly claimant: string;
}

interface Claiming {
  readonly name: OrganizationName;
  readonly claimant: string;
  /** What the run was started with; `null` where it goes on with what it has claimed before. */
  readonly sent: Sent | null;
}

/**
 * Opens a rotation, or takes the open one over under the next epoch, which fences out whoever held it. A start without a
 * token opens one only where the store says that it's due, and then does what is due, whatever its input says.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN, ORGANIZATION_UNKNOWN, NOT_CUSTOMER_CUSTODY, OPERATION_STALE,
 *   OPERATION_UNKNOWN
 */
export async function claimRotation(
  deps: Deps,
  { name, claimant, sent }: Claiming,
): Promise<ClaimedRotation> {
  const { store } = deps;
  const { sender, ask } = await asked(deps, name, sent);
  const lost = sent === null ? {} : goingOn(sent);
  const request = { organization: name, kind: 'rotate', claimant, ...sender, ...lost } as const;
  const record = await store.claim(ask === null ? request : { ...request, ask });
  return { standing: standingOf(record, name), claimant };
}

/** Who asks, and for what. `null`: for nothing, so that only an open one can be taken over. */
async function asked(
  deps: Deps,
  name: OrganizationName,
  sent: Sent | null,
): Promise<{ sender: Sender; ask: RotationAsk | null }> {
  const nobody: Sender = { actor: UNVERIFIED, jti: null };
  if (sent === null) return { sender: nobody, ask: null };
  const about = { organization: name, operationId: null };
  const sender = await senderOf(deps, about, 'startRotation', sent);
  if (sender.jti === null) {
    const [due] = await deps.store.rotationsDue(deps.settings.rotation, name);
    if (due === undefined) return { sender: nobody, ask: null };
    const { cause, newKeyVersion } = due;
    return { sender: bySystem(), ask: { cause, reason: null, newKeyVersion } };
  }
  demandMay(sender, 'startRotation');
  const { reason, newKeyVersion } = sent.payload;
  return { sender, ask: requested(typeof reason === 'string' ? reason : null, newKeyVersion === true) };
}
