import type { z } from 'zod';
import type { ApproverKey } from '../domain/approval';
import { canonicalJson, type JsonObject } from '../domain/canonical';
import { Refusal } from '../domain/failure';
import { type DeploymentId, type Instant, msOf, type OrganizationId } from '../domain/ids';
import { jsonOf, verifyJws } from './jws';

interface SignedFields {
  readonly deployment: DeploymentId;
  readonly org: OrganizationId;
  readonly credentialId: string;
  readonly exp: number;
}

export interface SignedBy<T> {
  readonly payload: T;
  readonly key: ApproverKey;
}

const REFUSED_FOR = {
  malformed: 'APPROVAL_MALFORMED',
  'unknown-key': 'APPROVAL_KEY_UNKNOWN',
  signature: 'APPROVAL_SIGNATURE_INVALID',
} as const;

/**
 * A payload that a key enrolled now signed for this deployment and organization, not expired at `now`.
 * @throws Refusal APPROVAL_MALFORMED, APPROVAL_KEY_UNKNOWN, APPROVAL_KEY_REMOVED, APPROVAL_SIGNATURE_INVALID,
 * APPROVAL_OTHER_PLAN (another deployment or organization), APPROVAL_EXPIRED
 */
export async function signedByCustomer<T extends SignedFields>(
  jws: string,
  kind: { readonly typ: string; readonly schema: z.ZodType<T> },
  keys: readonly ApproverKey[],
  here: { readonly deployment: DeploymentId; readonly organization: OrganizationId; readonly now: Instant },
): Promise<SignedBy<T>> {
  const enrolled = keys.map((key) => ({ ...key.publicJwk, kid: key.credentialId }));
  const verdict = await verifyJws(jws, kind.typ, enrolled);
  if (!verdict.ok) throw new Refusal(REFUSED_FOR[verdict.why]);

  const parsed = kind.schema.safeParse(jsonOf(verdict.payload));
  if (!parsed.success) throw new Refusal('APPROVAL_MALFORMED');
  const payload = parsed.data;
  // One byte form per decision: what the customer's tool showed and signed is what is kept.
  if (new TextDecoder().decode(verdict.payload) !== canonicalJson(payload as unknown as JsonObject)) {
    throw new Refusal('APPROVAL_MALFORMED', 'the payload is not canonical JSON');
  }

  const key = keys.find((candidate) => candidate.credentialId === verdict.key.kid);
  if (key === undefined || payload.credentialId !== key.credentialId)
    throw new Refusal('APPROVAL_KEY_UNKNOWN');
  if (key.removedAt !== null) throw new Refusal('APPROVAL_KEY_REMOVED');
  if (payload.deployment !== here.deployment) throw new Refusal('APPROVAL_OTHER_PLAN', 'another deployment');
  if (payload.org !== here.organization) throw new Refusal('APPROVAL_OTHER_PLAN', 'another organization');
  if (payload.exp * 1000 <= msOf(here.now)) {
    throw new Refusal('APPROVAL_EXPIRED', `on ${new Date(payload.exp * 1000).toISOString()}`);
  }
  return { payload, key };
}
