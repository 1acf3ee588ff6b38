import type { OperationKind } from '../../../domain/custody';
import type { Reference } from './custody';
import { demand, type Entry } from './entry';

/** Those that people approve: one of them is open at a time. */
const APPROVED: readonly OperationKind[] = ['activate', 'change-connection', 'offboard'];

type Rule = (reference: Reference, actor: Entry['actor']) => void;

/** Where custody must be for an operation of each kind, and who may open it (invariants 10 and 12). */
const OPENINGS: Readonly<Record<OperationKind, Rule>> = {
  create: ({ custody }) => demand(custody === 'none', 'created twice'),
  activate: ({ custody }) => demand(custody === 'platform', 'an activation of the active'),
  rotate: (reference) => demandTheCustomers(reference),
  'change-connection': (reference, { kind }) => {
    demandTheCustomers(reference);
    const isUnsigned = kind === 'temporal:unverified' || kind === 'system';
    demand(!isUnsigned, 'a change of connection that nobody known has asked for');
  },
  offboard: (reference, { kind }) => {
    demandTheCustomers(reference);
    demand(kind === 'support', 'an offboarding that support hasn’t started');
  },
};

/** @throws Violation */
export function opens(reference: Reference, entry: Entry): void {
  const kind = entry.body['kind'] as OperationKind;
  if (APPROVED.includes(kind)) {
    const beside = [...reference.operations.values()].find(
      (each) => !each.ended && APPROVED.includes(each.kind),
    );
    demand(beside === undefined, `${kind} was opened beside ${beside?.kind}`);
  }
  OPENINGS[kind](reference, entry.actor);
  reference.opens(entry);
}

/** With nothing of the operator's left to end. */
function demandTheCustomers({ custody, platform }: Reference): void {
  demand(custody === 'customer' && platform.end === 'scheduled', 'opened for what isn’t the customer’s');
}
