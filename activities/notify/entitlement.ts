import { SYSTEM } from '../../domain/actor';
import { digestOf } from '../../domain/digest';
import {
  ENTITLEMENT_WORDS,
  type EntitlementParts,
  type EntitlementWarning,
  entitlementWarning,
} from '../../domain/entitlement';
import type { OrganizationId, OrganizationName } from '../../domain/ids';
import { letter, type Mail } from '../../domain/mail';
import type { Store } from '../../store/contract';
import type { Logger } from '../deps';
import type { NoticeDeps } from './deps';

interface Deps {
  readonly store: EntitlementParts['store'] & Pick<Store, 'commit' | 'isOnRecord'>;
  readonly authority: EntitlementParts['authority'];
  readonly notices: Pick<NoticeDeps, 'deployment' | 'couriers' | 'own' | 'statusUrl'>;
  readonly logger: Logger;
}

type Ending = Exclude<EntitlementWarning, { state: 'unproved' }>;

/**
 * Tells our own people, by mail and in the log, that an organization's order ends within 30 days, and that it has ended or
 * was withdrawn: each once for each order, which the ledger's entry of it makes sure of. What no relay took is tried again
 * at the next look. It starts nothing. One that can't be proved is the status's to show, and the audit's to find.
 */
export async function tellOfEntitlement(
  deps: Deps,
  { id, name }: { readonly id: OrganizationId; readonly name: OrganizationName },
): Promise<void> {
  const { store, logger } = deps;
  const ending = await entitlementWarning(deps, id);
  if (ending === null || ending.state === 'unproved') return;
  const { state, orderRef, seq, at } = ending;
  const idempotencyKey = `entitlement/${seq}/${state}`;
  if (await store.isOnRecord(id, idempotencyKey)) return;
  const { asked, taken } = await mailed(deps, name, ending);
  if (asked > 0 && taken === 0) {
    logger.warn(
      { event: 'entitlement.undelivered', organization: name },
      'nobody could be told of an order’s end',
    );
    return;
  }
  const change = { type: 'entitlement-told', state, orderRef, seq, at, taken } as const;
  await store.commit({ idempotencyKey, actor: SYSTEM, fence: null, organization: id, change });
  logger.warn(
    { event: `entitlement.${state}`, organization: name, orderRef, at },
    ENTITLEMENT_WORDS[state].text,
  );
}

async function mailed(
  { notices }: Deps,
  organization: OrganizationName,
  ending: Ending,
): Promise<{ readonly asked: number; readonly taken: number }> {
  const { couriers, own } = notices;
  const { mail } = couriers;
  if (mail === null) return { asked: 0, taken: 0 };
  const addresses = own.flatMap((one) =>
    one.channel === 'mail' && one.hears === 'all' ? [one.address] : [],
  );
  const handed = await Promise.all(addresses.map((to) => mail(mailOf(notices, organization, ending, to))));
  return { asked: handed.length, taken: handed.filter(({ verdict }) => verdict === 'accepted').length };
}

const TITLES: Readonly<Record<Ending['state'], string>> = {
  ending: 'the order for customer custody ends soon',
  ended: 'the order for customer custody has ended',
  withdrawn: 'the order for customer custody was withdrawn',
};

function mailOf(
  { deployment, statusUrl }: Deps['notices'],
  organization: OrganizationName,
  { state, orderRef, seq, at }: Ending,
  to: string,
): Mail {
  const { text, remedy } = ENTITLEMENT_WORDS[state];
  const title = `${organization}: ${TITLES[state]}`;
  const id = `ent_${digestOf({ deployment, organization, seq, state, to }).slice(0, 32)}`;
  return letter(deployment, { to, id }, title, [
    ['Organization', organization],
    ['Order', orderRef],
    [state === 'ending' ? 'Ends' : 'Since', at],
    ['What it means', text],
    ['To do', remedy],
    ['Status', statusUrl(organization)],
  ]);
}
