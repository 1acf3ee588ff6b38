import { calculateJwkThumbprint } from 'jose';
import type { Actor } from '../domain/actor';
import type { ApproverKey } from '../domain/approval';
import type { ChangeOf } from '../domain/change';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import type { ApiDeps } from './deps';
import type { Enrolled } from './shapes/records';

type PublicJwk = ApproverKey['publicJwk'];
type By = ChangeOf<'approver-enrolled'>['by'];

/**
 * The first approval key: the one whose thumbprint (RFC 7638) the present order names, because the customer gave
 * it to the commercial process out of band.
 * @throws Refusal ORDER_*, APPROVAL_KEY_UNKNOWN, APPROVAL_KEY_REMOVED
 */
export async function enrolFirst(
  deps: ApiDeps,
  organization: OrganizationId,
  actor: Actor,
  publicJwk: PublicJwk,
): Promise<Enrolled> {
  const keys = await deps.store.approverKeys(organization);
  const credentialId = await calculateJwkThumbprint(publicJwk, 'sha256');
  if (isEnrolled(keys, credentialId)) return unchanged('enrol', credentialId);
  if (keys.length > 0)
    throw new Refusal('APPROVAL_KEY_UNKNOWN', 'a later key needs an enrolment signed by an enrolled one');
  const { orderRef, approver } = await presentOrder(deps, organization);
  if (approver.thumbprint !== credentialId)
    throw new Refusal('APPROVAL_KEY_UNKNOWN', 'this key isn’t the one the order names');
  const by: By = { kind: 'order', orderRef };
  return enrol(deps, organization, actor, {
    credentialId,
    publicJwk,
    by,
    idempotencyKey: `approver/${credentialId}`,
  });
}

/**
 * What an enrolled key signed: that another is added or removed.
 * @throws Refusal APPROVAL_* for a signature that doesn't count, INPUT_INVALID for a removal that would leave nobody
 */
export async function enrolSigned(
  deps: ApiDeps,
  organization: OrganizationId,
  actor: Actor,
  jws: string,
): Promise<Enrolled> {
  const { store, authority } = deps;
  const onRecord = await store.approverKeys(organization);
  const keys = await authority.rooted(onRecord, await store.orders(organization), organization);
  const payload = await authority.enrolment(jws, organization, keys, await store.now());
  const { nonce } = payload;
  switch (payload.action) {
    case 'enrol': {
      const { publicJwk } = payload;
      const credentialId = await calculateJwkThumbprint(publicJwk, 'sha256');
      if (isEnrolled(keys, credentialId)) return unchanged('enrol', credentialId);
      const by: By = { kind: 'approver', credentialId: payload.credentialId };
      return enrol(deps, organization, actor, {
        credentialId,
        publicJwk,
        by,
        enrolment: jws,
        idempotencyKey: `enrolment/${nonce}`,
      });
    }
    case 'remove': {
      const credentialId = payload.removes;
      const key = keys.find((candidate) => candidate.credentialId === credentialId);
      if (key === undefined) throw new Refusal('APPROVAL_KEY_UNKNOWN', 'the key to remove isn’t enrolled');
      if (key.removedAt !== null) return unchanged('remove', credentialId);
      if (keys.filter(({ removedAt }) => removedAt === null).length === 1)
        throw new Refusal('INPUT_INVALID', 'removes: the last key can’t be removed; enrol another first');
      const { index, at, replayed } = await store.commit({
        idempotencyKey: `enrolment/${nonce}`,
        actor,
        fence: null,
        organization,
        change: {
          type: 'approver-removed',
          credentialId,
          by: { kind: 'approver', credentialId: payload.credentialId },
          enrolment: jws,
        },
      });
      return { action: 'remove', credentialId, recorded: { index, at, replayed } };
    }
    default: {
      const unknown: never = payload;
      throw new Error(`unknown enrolment ${String(unknown)}`);
    }
  }
}

interface NewKey {
  readonly credentialId: string;
  readonly publicJwk: PublicJwk;
  readonly by: By;
  readonly enrolment?: string;
  readonly idempotencyKey: string;
}

async function enrol(
  { store }: ApiDeps,
  organization: OrganizationId,
  actor: Actor,
  { credentialId, publicJwk, by, enrolment, idempotencyKey }: NewKey,
): Promise<Enrolled> {
  const enrolledAt = await store.now();
  const key: ApproverKey = {
    credentialId,
    publicJwk,
    role: 'customer-admin',
    enrolledAt,
    removedAt: null,
    ...(enrolment === undefined ? {} : { enrolment }),
  };
  const { index, at, replayed } = await store.commit({
    idempotencyKey,
    actor,
    fence: null,
    organization,
    change: { type: 'approver-enrolled', key, by },
  });
  return { action: 'enrol', credentialId, recorded: { index, at, replayed } };
}

/** @throws Refusal APPROVAL_KEY_REMOVED: a removed key never comes back. */
function isEnrolled(keys: readonly ApproverKey[], credentialId: string): boolean {
  const known = keys.find((key) => key.credentialId === credentialId);
  if (known !== undefined && known.removedAt !== null) throw new Refusal('APPROVAL_KEY_REMOVED');
  return known !== undefined;
}

async function presentOrder({ store, authority }: ApiDeps, organization: OrganizationId) {
  const latest = await store.latestOrder(organization);
  if (latest === null) throw new Refusal('ORDER_MISSING');
  const claims = await authority.order(latest.jws, organization, await store.now());
  if (claims.kind === 'withdrawal') throw new Refusal('ORDER_WITHDRAWN');
  return claims;
}

const unchanged = (action: Enrolled['action'], credentialId: string): Enrolled => ({
  action,
  credentialId,
  recorded: null,
});
