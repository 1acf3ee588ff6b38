import { ACTOR_TYP, actorClaims, may } from '../domain/actor';
import { Refusal } from '../domain/failure';
import { operatorApprovalDigest } from '../domain/offboarding';
import type { Authority } from '../domain/ports/authority';
import { jsonOf, verifyJws } from './jws';
import type { Trust } from './trust';

/**
 * The member of staff who approved an offboarding, by our API's word for it. It was a token for one message and has run
 * out since; what is asked here is that it was signed: for this organization, this operation and this very plan.
 * @throws Refusal OPERATOR_APPROVAL_INVALID
 */
export async function verifyOperatorApproval(
  { actorKeys }: Trust,
  proof: string,
  { organization, operationId, planDigest }: Parameters<Authority['operatorApproval']>[1],
): Promise<string> {
  const verdict = await verifyJws(proof, ACTOR_TYP, actorKeys);
  const word = verdict.ok ? actorClaims.safeParse(jsonOf(verdict.payload)).data : undefined;
  const isIt =
    word?.action === 'approveOffboarding' &&
    may(word.role, 'approveOffboarding') &&
    word.organization === organization &&
    word.payloadDigest === operatorApprovalDigest(operationId, planDigest);
  if (word === undefined || !isIt) throw new Refusal('OPERATOR_APPROVAL_INVALID');
  return word.name;
}
