import type { Change } from '../../../domain/change';
import { isClean } from '../../../domain/finding';
import type { Operation, Reference } from './custody';
import { type Body, demand, type Entry } from './entry';
import { opens } from './opening-rules';
import { keyOf, switches } from './switch-rules';

type Rule = (reference: Reference, entry: Entry, body: Body) => void;

const nothing: Rule = () => undefined;
/** How often in a row the operator's key must have refused. */
export const REFUSALS = 3;

/** What each entry may follow, and what it changes. An entry without a rule is a violation: it is one nobody thought of. */
const RULES: Readonly<Partial<Record<Change['type'], Rule>>> = {
  'organization-created': nothing,
  'operation-opened': opens,
  'operation-claimed': (reference, entry) => reference.claims(entry),
  'platform-key-created': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    const { kind, launched } = operation;
    demand(kind === 'create' || kind === 'offboard', `${kind} makes a platform key`);
    demand(kind === 'create' || launched !== null, 'a platform key was made before the launch');
    const keyRef = String(body['keyRef']);
    reference.platform.demandNew(keyRef);
    const others = [...reference.operations.values()].filter((each) => each !== operation);
    demand(
      others.every(({ platformKey }) => platformKey !== keyRef),
      'a platform key of another operation',
    );
    operation.platformKey = keyRef;
    reference.locks(operation);
  },

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
    demandToCustomer(reference.operationOf(entry), 'was entitled');
    demand(reference.entitled, 'entitled without an order');
  },
  'connection-submitted': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demandToCustomer(operation, 'was given a connection');
    demand(!operation.switched, 'another connection after the switch');
    reference.voids(operation);
    operation.verified = null;
    operation.connection = String(body['connectionId']);
  },
  'verification-recorded': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(!operation.switched, 'verified after the switch');
    demand(body['connectionId'] === operation.connection, 'another connection was verified');
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
  'operator-approved': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    const [digest, by] = [String(body['planDigest']), String(body['by'])];
    demand(operation.kind === 'offboard', 'the operator approved what isn’t theirs to approve');
    demand(operation.approved && operation.plan?.digest === digest, 'approved before the customer');
    demand(reference.isSigned('approveOffboarding', digest), 'nobody who may has approved this plan');
    demand(entry.actor.kind === 'approver' && entry.actor.name === by, 'approved by somebody else');
    demand(by.toLowerCase() !== operation.startedBy.toLowerCase(), 'approved by the one that started it');
    operation.operatorApproved = true;
  },
  'live-launched': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(operation.approved && operation.plan?.digest === body['planDigest'], 'launched without approval');
    if (operation.kind === 'offboard')
      demand(operation.operatorApproved, 'launched without the operator’s approval');
    else demand(reference.entitled, 'launched without an order');
    reference.locks(operation);
    operation.launched = { mint: null };
    operation.everLaunched = true;
  },
  'plan-invalidated': (reference, entry) => {
    const operation = reference.operationOf(entry);
    demand(!operation.switched, 'a plan given up after the switch');
    reference.voids(operation);
  },

  'rotation-launched': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(operation.verified === body['to'], 'to another key than was verified');
    demand(operation.connection === reference.connection, 'a rotation of a connection that isn’t in use');
    reference.locks(operation);
    operation.launched = { mint: body['mint'] as number | null };
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
    const keyRef = String(body['keyRef']);
    demand(keyRef === keyOf(operation), 'staged under another key than the operation leads to');
    operation.staged.set(version, {
      sha256: String(body['wrappedSha256']),
      keyRef,
      checkValue: String(body['checkValue']),
    });
  },
  'custody-switched': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    switches(reference, operation, body);
    if (operation.kind === 'create') reference.ends(operation);
  },
  'platform-key-disabled': (reference, entry) => {
    reference.operationOf(entry).refusals = 0;
    reference.platform.goesTo('disabled');
  },
  'platform-key-probed': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(reference.platform.end === 'disabled', `probed while ${reference.platform.end}`);
    operation.refusals = body['refused'] === true ? operation.refusals + 1 : 0;
  },
  'platform-sealed': (reference, entry) => {
    demand(reference.operationOf(entry).refusals >= REFUSALS, 'sealed without the refusals that prove it');
    reference.platform.goesTo('sealed');
  },
  'platform-envelopes-erased': (reference, entry, body) => {
    reference.operationOf(entry);
    reference.platform.goesTo('erased');
    reference.erases(body['envelopes'] as never);
    demand(reference.former.size === 0, 'an envelope of the platform’s was left');
  },
  'platform-key-deletion-scheduled': (reference, entry) => {
    reference.operationOf(entry);
    reference.platform.goesTo('scheduled');
  },
  'live-entered': (reference, entry) => {
    const operation = reference.operationOf(entry);
    demand(reference.platform.end === 'scheduled', 'live before the platform’s key was gone');
    reference.unlocks(operation);
  },
  'handoff-recorded': (reference, entry) => {
    const operation = reference.operationOf(entry);
    demand(operation.switched && reference.lock !== operation.id, 'handed off before all was done');
    reference.ends(operation);
  },
  'superseded-envelopes-erased': (reference, entry, body) => {
    const operation = reference.operationOf(entry);
    demand(operation.switched && operation.kind !== 'activate', 'erased before the switch');
    const unneeded = reference.erases(body['envelopes'] as never);
    const retired = new Set(body['retired'] as readonly string[]);
    demand(
      [...retired].every((keyRef) => unneeded.has(keyRef)),
      'safe to disable, and still needed',
    );
    demand(retired.size === unneeded.size, 'safe to disable, and the customer isn’t told');
    demand(reference.former.size === 0, 'a superseded envelope was left');
    if (operation.kind === 'offboard') reference.unlocks(operation);
    else reference.ends(operation);
  },
  'operation-closed': (reference, entry) => {
    const operation = reference.operationOf(entry);
    demand(!operation.switched, 'closed after the switch');
    reference.ends(operation);
  },
  'spare-platform-key-retired': (reference, entry, body) => {
    const operation = reference.endedOperationOf(entry);
    demand(reference.spareLeft === operation, 'a key was retired that no ended offboarding made');
    const keyRef = body['keyRef'] as string | null;
    demand(operation.platformKey === null || operation.platformKey === keyRef, 'another key was retired');
    operation.spareRetired = true;
    if (keyRef !== null) reference.platform.retires(keyRef);
  },
};

/** Whatever leads to a key that the customer enters. The others go by the connection in use, and need no order. */
function demandToCustomer({ kind }: Operation, what: string): void {
  demand(kind === 'activate' || kind === 'change-connection', `${kind} ${what}`);
}

/** @throws Violation */
export function follow(reference: Reference, entry: Entry): void {
  const rule = RULES[entry.type];
  demand(rule !== undefined, `${entry.type} is unknown to the reference`);
  demand(entry.index === reference.entries, `entry ${entry.index} after ${reference.entries} entries`);
  rule(reference, entry, entry.body);
  reference.entries += 1;
}
