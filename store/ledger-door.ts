import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import { SignerRefused, SignerUnavailable } from '../ledger/signer-errors';
import { StateUnknown } from '../ledger/state-unknown';
import {
  type AllBehindParts,
  type Behind,
  type BehindParts,
  behindOf,
  inWords,
  whichAreBehind,
} from './behind';
import type { Store } from './contract';

/**
 * Closed for an organization while its ledger in the database doesn't continue what the signer has signed: then its
 * custody isn't changed, and nothing of it is encrypted. It opens by itself when the ledger is as it was signed again.
 */
export interface LedgerDoor {
  /** Those it is closed for, as far as this process knows. */
  readonly closed: ReadonlyMap<OrganizationId, Behind>;
  /** @throws Refusal LEDGER_BEHIND where it is known to be closed */
  demandOpen(organization: OrganizationId): void;
  /** Asks the signer and the database about this organization first. @throws Refusal LEDGER_BEHIND */
  demandCurrent(organization: OrganizationId): Promise<void>;
  /** Asks about every organization. Fails where database or signer do: what it had found by then is closed, and nothing opened. */
  look(): Promise<void>;
}

type DoorParts = BehindParts & AllBehindParts & { readonly store: Pick<Store, 'organizations'> };

interface Logger {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export function createLedgerDoor(parts: DoorParts, logger: Logger): LedgerDoor {
  const closed = new Map<OrganizationId, Behind>();
  const known = (organization: OrganizationId, behind: Behind | null): void => {
    const was = closed.get(organization);
    if (behind === null) {
      if (closed.delete(organization))
        logger.warn({ event: 'ledger.current', organization }, 'its ledger is as it was signed again');
      return;
    }
    closed.set(organization, behind);
    if (was?.relation === behind.relation && was.entries === behind.entries) return;
    const { relation, entries, signedEntries } = behind;
    logger.error(
      { event: 'ledger.behind', organization, relation, entries, signedEntries },
      'the database doesn’t continue what was signed: nothing of it is changed or encrypted until it is restored',
    );
  };
  const demandOpen = (organization: OrganizationId): void => {
    const behind = closed.get(organization);
    if (behind !== undefined) throw new Refusal('LEDGER_BEHIND', inWords(behind));
  };
  /** Activities of it may name it by its name: that isn't left to the next look. */
  const withItsName = async (behind: Behind): Promise<Behind> => {
    const { id } = behind.organization;
    const { name = id } = (await parts.store.organizations()).find((each) => each.id === id) ?? {};
    return { ...behind, organization: { id, name } };
  };
  return {
    closed,
    demandOpen,
    async demandCurrent(organization) {
      try {
        const { name } = closed.get(organization)?.organization ?? {};
        const behind = await behindOf(parts, { id: organization, name: name ?? organization });
        known(organization, behind);
        if (behind !== null && name === undefined) known(organization, await withItsName(behind));
      } catch (error) {
        // Nothing new is known then: what needs a signature waits for the signer in any case.
        if (!isSignerAway(error)) throw error;
      }
      demandOpen(organization);
    },
    async look() {
      const before = new Map(closed);
      const all = new Map<OrganizationId, Behind['organization']>();
      for (const { id, name } of await parts.store.organizations()) all.set(id, { id, name });
      // One whose row is gone from the database is asked about, too.
      for (const [id, { organization }] of before) if (!all.has(id)) all.set(id, organization);
      const found = new Set<OrganizationId>();
      for await (const behind of whichAreBehind(parts, [...all.values()])) {
        found.add(behind.organization.id);
        known(behind.organization.id, behind);
      }
      // But for those that somebody else closed anew meanwhile: their page may have been read before that.
      for (const [id, was] of before) if (!found.has(id) && closed.get(id) === was) known(id, null);
    },
  };
}

const isSignerAway = (error: unknown): boolean =>
  error instanceof SignerUnavailable || error instanceof StateUnknown || error instanceof SignerRefused;

/**
 * A store that appends to no ledger behind its door. What a minute's round counts up of it waits in its rows, by what
 * the round's own look has found.
 */
export function withLedgerDoor(store: Store, door: LedgerDoor): Store {
  const named = async (name: Parameters<Store['organizationByName']>[0]): Promise<void> => {
    const record = await store.organizationByName(name);
    if (record !== null) await door.demandCurrent(record.id);
  };
  return {
    ...store,
    async commit(request) {
      await door.demandCurrent(request.fence === null ? request.organization : request.fence.organization);
      return store.commit(request);
    },
    async createOrganization(request) {
      await named(request.name);
      return store.createOrganization(request);
    },
    async claim(request) {
      await named(request.organization);
      return store.claim(request);
    },
    async recordRefusal(request) {
      await door.demandCurrent(request.organization);
      return store.recordRefusal(request);
    },
    async recordIncidents(ownerOf, only) {
      if (only !== undefined) {
        await door.demandCurrent(only);
        return store.recordIncidents(ownerOf, only);
      }
      return store.recordIncidents(ownerOf, undefined, door.closed);
    },
    rollUpUsage: (before) => store.rollUpUsage(before, door.closed),
    flushRefusals: () => store.flushRefusals(door.closed),
  };
}

/** A machine that starts everything at once is slow, and so then is the signer: it is asked three times. */
const LOOKS = 3;

/** A process's first look. */
export async function lookPatiently(door: Pick<LedgerDoor, 'look'>): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    try {
      return await door.look();
    } catch (error) {
      if (!(error instanceof SignerUnavailable) || looks === LOOKS) throw error;
    }
  }
}
