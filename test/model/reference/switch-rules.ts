import type { OperationKind } from '../../../domain/custody';
import type { Operation, Reference } from './custody';
import { type Body, demand } from './entry';

/** The key that everything goes to which an operation stages. */
export function keyOf({ kind, platformKey, verified }: Operation): string | null {
  return kind === 'create' || kind === 'offboard' ? platformKey : verified;
}

type Rule = (reference: Reference, operation: Operation, body: Body) => void;

/** From where to where each kind of operation takes custody, and what must have come before. */
const SWITCHES: Readonly<Record<OperationKind, Rule>> = {
  create: (reference, operation, body) => {
    demandWay(reference, body, 'none', 'platform');
    demandMinted(reference, operation, body, 1);
    reference.platform.comesTo(String(operation.platformKey));
  },

  activate: (reference, operation, body) => {
    demandWay(reference, body, 'platform', 'customer');
    demandPlanned(reference, operation, body);
    demandOrder(reference, operation);
    demandMinted(reference, operation, body, newest(reference) + 1);
    reference.platform.goesTo('switched');
    reference.connection = operation.connection;
  },

  rotate: (reference, operation, body) => {
    demandWay(reference, body, 'customer', 'customer');
    demand(operation.launched !== null && reference.lock === operation.id, 'a rotation without its launch');
    demand(operation.connection === reference.connection, 'a rotation moved to another connection');
    demandMinted(reference, operation, body, operation.launched.mint);
  },

  /** From then on nothing of the former connection is needed: all that is live is under the new key, one version by it alone. */
  'change-connection': (reference, operation, body) => {
    demandWay(reference, body, 'customer', 'customer');
    demandPlanned(reference, operation, body);
    demandOrder(reference, operation);
    demand(operation.connection !== reference.connection, 'a change to the connection in use');
    demandMinted(reference, operation, body, newest(reference) + 1);
    reference.connection = operation.connection;
  },

  /** Invariant 12. Orders are none of its business. */
  offboard: (reference, operation, body) => {
    demandWay(reference, body, 'customer', 'platform');
    demandPlanned(reference, operation, body);
    demand(operation.operatorApproved, 'offboarded without the operator’s approval');
    demandMinted(reference, operation, body, null);
    reference.platform.comesTo(String(operation.platformKey));
    reference.connection = null;
  },
};

/** @throws Violation */
export function switches(reference: Reference, operation: Operation, body: Body): void {
  demand(!operation.switched, 'switched twice');
  SWITCHES[operation.kind](reference, operation, body);
  reference.switchesTo(body['custody'] as 'platform' | 'customer', operation, body);
}

function demandWay(
  { custody }: Reference,
  body: Body,
  from: Reference['custody'],
  to: Reference['custody'],
): void {
  demand(custody === from && body['custody'] === to, `custody went from ${custody} to ${body['custody']}`);
}

/** Invariant 3: a clean plan, signed by the customer, of a key set that hasn't changed since. */
function demandPlanned(reference: Reference, operation: Operation, body: Body): void {
  const { id, plan, approved, launched, staged } = operation;
  demand(plan !== null && plan.digest === body['planDigest'], 'another plan was carried out');
  demand(approved && launched !== null && reference.lock === id, 'a plan was carried out without approval');
  demand(reference.isSigned('approve', plan.digest), 'the customer hasn’t signed this plan');
  demand(plan.live === reference.liveDigests(), 'the key set has changed since the plan');
  demand(
    [...staged.values()].every(({ keyRef }) => keyRef === keyOf(operation)),
    'staged under another key than the plan leads to',
  );
}

/** Invariant 5. */
function demandOrder({ entitled, orders }: Reference, { plan }: Operation): void {
  demand(entitled && plan?.orders === orders, 'the order has changed since the plan');
}

/** @param mint the one version that becomes live and wasn't, and is current from then on; `null`: there's none */
function demandMinted(
  { live, currentVersion }: Reference,
  { staged }: Operation,
  body: Body,
  mint: number | null,
): void {
  const fresh = [...staged.keys()].filter((version) => !live.has(version));
  demand(fresh.join() === (mint === null ? '' : String(mint)), `versions ${fresh.join()} were made`);
  demand(body['currentVersion'] === (mint ?? currentVersion), 'another version is current');
}

const newest = ({ live }: Reference): number => Math.max(...live.keys());
