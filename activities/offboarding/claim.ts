import { Refusal } from '../../domain/failure';
import type { OrganizationName } from '../../domain/ids';
import type { CustodyDeps } from '../deps';
import { type Claimed, claimedAs } from '../operation';
import { bySystem, recordingRefusals } from '../refusals';
import { demandMay, goingOn, type Sent, senderOf } from '../sender';
import { type Sender, standingOf } from '../step';

type Deps = Pick<CustodyDeps, 'store' | 'authority'>;

/**
 * Opens the offboarding, or takes the open one over under the next epoch; the store opens none that nobody known asks for.
 * A run that goes on with an ended one does what that has left to do.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN, ORGANIZATION_UNKNOWN, NOT_CUSTOMER_CUSTODY, INCIDENT_OPEN, OPERATION_STALE;
 *   each but the first three is in the ledger
 */
export async function claimOffboarding(
  deps: Deps,
  { name, claimant, sent }: { name: OrganizationName; claimant: string; sent: Sent | null },
): Promise<Claimed> {
  const { store } = deps;
  const organization = await store.organizationByName(name);
  if (organization === null) throw new Refusal('ORGANIZATION_UNKNOWN');
  const sender = await starterOf(deps, name, sent);
  const lost = sent === null ? {} : goingOn(sent);
  const left = lost.only === undefined ? null : await store.spareLeft(organization.id, lost.only);
  if (left !== null) return { standing: standingOf(left, name), claimant, dryRun: null };
  const about = { organization: organization.id, subject: 'offboarding' } as const;
  const record = await recordingRefusals(
    store,
    about,
    () => sender,
    () => store.claim({ organization: name, kind: 'offboard', claimant, ...sender, ...lost }),
  );
  return claimedAs(store, record, { name, claimant });
}

/** @throws Refusal ACTOR_INVALID, FORBIDDEN */
async function starterOf(deps: Deps, name: OrganizationName, sent: Sent | null): Promise<Sender> {
  if (sent === null) return bySystem();
  const about = { organization: name, operationId: null };
  const sender = await senderOf(deps, about, 'startOffboarding', sent);
  if (sender.jti !== null) demandMay(sender, 'startOffboarding');
  return sender;
}
