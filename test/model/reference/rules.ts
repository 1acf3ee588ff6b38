import type { Change } from '../../../domain/change';
import { isClean } from '../../../domain/finding';
import type { Reference } from './custody';
import { type Body, demand, type Entry, Violation } from './entry';

type Rule = (reference: Reference, entry: Entry, body: Body) => void;

const nothing: Rule = () => undefined;
/** How often in a row the operator's key must have refused. */
export const REFUSALS = 3;

/** What each entry may follow, and what it changes. An entry without a rule is a violation: it is one nobody thought of. */
const RULES: Readonly<Partial<Record<Change['type'], Rule>>> = {
  'organization-created': nothing,
  'operation-opened': (reference, entry, body) => {
    const { custody, platform } = reference;
    reference.opens(entry);
    if (body['kind'] === 'activate') demand(custody === 'platform', 'an activation of the active');
    if (body['kind'] === 'rotate') {
      demand(custody === 'customer' && platform !== 'switched', 'a rotation of what isn’t the customer’s');
    }
  },
  'operation-claimed': (reference, entry) => reference.claims(entry),
  'platform-key-created': (reference, entry) => reference.locks(reference.operationOf(entry)),

  'order-accepted': (reference, _entry, body) => {
    reference.orders += 1;
    reference.entitled = body['kind'] === 'order';
  },
  'approver-enrolled': nothing,
  refusal: nothing,
  'notice-delivered': nothing,
  'notice-failed': nothing,
  'rotation-due': nothing,
  'incident-acknowledged': nothing,
  'incident-annotated': nothing,
  usage: nothing,
  'incident-opened': (reference, _entry, body) => {
    demand(reference.incident === null, 'two open incidents');
    reference.incident = String(body['incident']);
  },
  'incident-closed': (reference, _entry, body) => {
    demand(reference.incident === String(body['incident']), 'an incident closed that wasn’t open');
    const proved = body['proved'] as { readonly versions: readonly number[] };
    demand(proved.versions.length > 0, 'an incident closed without a proof');
    reference.incident = null;
  },

  'entitlement-confirmed': (reference, entry) => {
    reference.operationOf(entry);
    demand(reference.entitled, 'entitled without an order');
  },
  'connection-submitted': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(!operation.switched, 'another connection after the switch');
    reference.voids(operation);
    operation.verified = null;
    operation.connection = String(body['connectionId']);
  },
  'verification-recorded': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(!operation.switched, 'verified after the switch');
    reference.voids(operation);
    const clean = isClean(body['findings'] as never);
    operation.verified = clean ? (body['keyRef'] as string | null) : null;
  },
  'verification-repeated': (reference, entry) => void reference.operationOf(entry),
  'verification-impeded': (reference, entry) => void reference.operationOf(entry),
  'dry-run-recorded': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    reference.voids(operation);
    const digest = body['planDigest'] as string | null;
    if (digest === null) return;
    demand(operation.verified !== null, 'a plan without a clean verification');
    operation.plan = { digest, orders: reference.orders, live: reference.liveDigests() };
  },
  'dry-run-reviewed': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(operation.plan?.digest === body['planDigest'], 'another plan was reviewed');
    operation.reviewed = true;
  },
  'approval-accepted': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    const [decision, digest] = [String(body['decision']), String(body['planDigest'])];
    demand(reference.isSigned(decision, digest), 'a decision that the customer hasn’t signed');
    demand(operation.reviewed && operation.plan?.digest === digest, 'another plan was decided on');
    if (decision === 'approve') operation.approved = true;
  },
  'live-launched': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(operation.approved && operation.plan?.digest === body['planDigest'], 'launched without approval');
    demand(reference.entitled, 'launched without an order');
    reference.locks(operation);
    operation.launched = { rewrap: null, mint: null };
  },
  'plan-invalidated': (reference, entry) => {
    const operation = reference.operationOf(entry);
    demand(!operation.switched, 'a plan given up after the switch');
    reference.voids(operation);
  },

  'rotation-launched': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(operation.verified === body['to'], 'to another key than was verified');
    reference.locks(operation);
    operation.launched = { rewrap: body['rewrap'] as number[], mint: body['mint'] as number | null };
  },
  'rotation-postponed': (reference, entry) => {
    const operation = reference.operationOf(entry);
    demand(reference.lock !== null && reference.lock !== operation.id, 'postponed for nobody');
    reference.ends(operation);
  },

  'envelope-staged': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(reference.lock === operation.id, 'staged without the lock');
    demand(operation.kind === 'create' || operation.launched !== null, 'staged before the launch');
    const version = Number(body['version']);
    demand(!operation.staged.has(version), `version ${version} is staged twice`);
    operation.staged.set(version, {
      sha256: String(body['wrappedSha256']),
      keyRef: String(body['keyRef']),
      checkValue: String(body['checkValue']),
    });
  },
  'custody-switched': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    const custody = body['custody'] as 'platform' | 'customer';
    switch (operation.kind) {
      case 'create':
        demand(custody === 'platform' && reference.custody === 'none', 'created into custody');
        break;
      case 'activate':
        demand(custody === 'customer' && reference.custody === 'platform', 'activated from elsewhere');
        demandPlanned(reference, entry, body);
        reference.platformGoesTo('switched');
        break;
      case 'rotate':
        demand(custody === 'customer' && reference.custody === 'customer', 'a rotation moved custody');
        demand(
          operation.launched !== null && reference.lock === operation.id,
          'a rotation without its launch',
        );
        break;
      case 'change-connection':
      case 'offboard':
        throw new Violation(`${operation.kind} switches`);
      default: {
        const unknown: never = operation.kind;
        throw new Error(`unknown kind ${String(unknown)}`);
      }
    }
    reference.switchesTo(custody, operation, body);
    if (operation.kind === 'create') reference.ends(operation);
  },
  'platform-key-disabled': (reference, entry) => {
    reference.operationOf(entry).refusals = 0;
    reference.platformGoesTo('disabled');
  },
  'platform-key-probed': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(reference.platform === 'disabled', `probed while ${reference.platform}`);
    operation.refusals = body['refused'] === true ? operation.refusals + 1 : 0;
  },
  'platform-sealed': (reference, entry) => {
    demand(reference.operationOf(entry).refusals >= REFUSALS, 'sealed without the refusals that prove it');
    reference.platformGoesTo('sealed');
  },
  'platform-envelopes-erased': (reference, entry, body) => {
    reference.operationOf(entry);
    reference.platformGoesTo('erased');
    reference.erases(body['envelopes'] as never);
    demand(reference.former.size === 0, 'an envelope of the platform’s was left');
  },
  'platform-key-deletion-scheduled': (reference, entry) => {
    reference.operationOf(entry);
    reference.platformGoesTo('scheduled');
  },
  'live-entered': (reference, entry) => {
    const operation = reference.operationOf(entry);
    demand(reference.platform === 'scheduled', 'live before the platform’s key was gone');
    reference.unlocks(operation);
  },
  'handoff-recorded': (reference, entry) => reference.ends(reference.operationOf(entry)),
  'superseded-envelopes-erased': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(operation.kind === 'rotate' && operation.switched, 'erased before the switch');
    reference.erases(body['envelopes'] as never);
    const inUse = new Set([...reference.live.values()].map(({ keyRef }) => keyRef));
    const retired = body['retired'] as readonly string[];
    demand(!retired.some((keyRef) => inUse.has(keyRef)), 'safe to disable, and still needed');
    reference.ends(operation);
  },
  'operation-closed': (reference, entry) => {
    const operation = reference.operationOf(entry);
    demand(!operation.switched, 'closed after the switch');
    reference.ends(operation);
  },
};

/** Invariant 3: a clean plan, signed by the customer, of a world that hasn't changed since. */
function demandPlanned(reference: Reference, entry: Entry, body: Body): void {
  const { plan, approved, launched, verified, staged } = reference.operationOf(entry);
  demand(plan !== null && plan.digest === body['planDigest'], 'another plan was carried out');
  demand(approved && launched !== null, 'a plan was carried out without approval');
  demand(reference.isSigned('approve', plan.digest), 'the customer hasn’t signed this plan');
  demand(reference.entitled && plan.orders === reference.orders, 'the order has changed since the plan');
  demand(plan.live === reference.liveDigests(), 'the key set has changed since the plan');
  demand(
    [...staged.values()].every(({ keyRef }) => keyRef === verified),
    'staged under another key than was verified',
  );
}

/** @throws Violation */
export function follow(reference: Reference, entry: Entry): void {
  const rule = RULES[entry.type];
  demand(rule !== undefined, `${entry.type} is unknown to the reference`);
  demand(entry.index === reference.entries, `entry ${entry.index} after ${reference.entries} entries`);
  rule(reference, entry, entry.body);
  reference.entries += 1;
}
