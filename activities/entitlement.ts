import { sha256OfText } from '../domain/digest';
import { Refusal } from '../domain/failure';
import type { OrganizationId, Sha256Hex } from '../domain/ids';
import { demandEntitling } from '../domain/order';
import type { CustodyDeps } from './deps';
import { bySystem, recordingRefusals } from './refusals';
import { commitStep, type Standing, type Step, standingNow } from './step';

type Deps = Pick<CustodyDeps, 'store' | 'authority'>;

export const orderDigest = (jws: string): Sha256Hex => sha256OfText(jws);

/**
 * The newest order, its signature checked now: a row alone entitles nobody.
 * @throws Refusal ORDER_*
 */
export async function verifiedOrder(
  { store, authority }: Deps,
  organization: OrganizationId,
): Promise<{ orderRef: string; digest: Sha256Hex }> {
  const latest = await store.latestOrder(organization);
  if (latest === null) throw new Refusal('ORDER_MISSING');
  const { orderRef } = demandEntitling(await authority.order(latest.jws, organization, await store.now()));
  return { orderRef, digest: orderDigest(latest.jws) };
}

/** Stage `entitlement`: no valid order, no setup. */
export async function checkEntitlement(deps: Deps, step: Step): Promise<Standing> {
  const { id } = step.organization;
  await recordingRefusals(deps.store, { organization: id, subject: 'entitlement' }, bySystem, async () => {
    const { orderRef, digest } = await verifiedOrder(deps, id);
    await commitStep(
      deps.store,
      step,
      { type: 'entitlement-confirmed', orderRef, orderDigest: digest },
      'setup',
    );
  });
  return standingNow(deps.store, step);
}
