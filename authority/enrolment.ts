import type { ApproverKey } from '../domain/approval';
import { ENROLMENT_TYP, type EnrolmentPayload, enrolmentPayload } from '../domain/enrolment';
import type { Instant, OrganizationId } from '../domain/ids';
import { signedByCustomer } from './signed-by-customer';
import type { Trust } from './trust';

/** An enrolled key's word that another is added or removed. @throws Refusal as {@link signedByCustomer}. */
export async function verifyEnrolment(
  trust: Trust,
  jws: string,
  organization: OrganizationId,
  keys: readonly ApproverKey[],
  now: Instant,
): Promise<EnrolmentPayload> {
  const kind = { typ: ENROLMENT_TYP, schema: enrolmentPayload };
  const { payload } = await signedByCustomer(jws, kind, keys, {
    deployment: trust.deployment,
    organization,
    now,
  });
  return payload;
}
