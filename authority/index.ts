import type { Authority } from '../domain/ports/authority';
import { verifyActor } from './actor';
import { verifyApproval } from './approval';
import { verifyEnrolment } from './enrolment';
import { verifyMaintenance } from './maintenance';
import { verifyOperatorApproval } from './operator-approval';
import { verifyOrder } from './order';
import { rootedKeys } from './rooted';
import type { Trust } from './trust';

export { type ActorSigner, createActorSigner } from './actor';
export { provedReferences } from './references';
export { createStatementVerifier } from './statements';
export { type Trust, trust } from './trust';

export function createAuthority(trusted: Trust): Authority {
  return {
    deployment: trusted.deployment,
    order: (jws, organization, now) => verifyOrder(trusted, jws, organization, now),
    approval: (evidence, keys, expected, now) => verifyApproval(trusted, evidence, keys, expected, now),
    rooted: (keys, orders, organization) => rootedKeys(trusted, keys, orders, organization),
    enrolment: (jws, organization, keys, now) => verifyEnrolment(trusted, jws, organization, keys, now),
    maintenance: (jws, organization, keys, now) => verifyMaintenance(trusted, jws, organization, keys, now),
    operatorApproval: (proof, expected) => verifyOperatorApproval(trusted, proof, expected),
    actor: (token, action, payloadDigest, now) => verifyActor(trusted, token, action, payloadDigest, now),
  };
}
