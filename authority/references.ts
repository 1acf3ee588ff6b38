import { ACTOR_TYP, actorClaims, type Permission } from '../domain/actor';
import type { JsonObject } from '../domain/canonical';
import { isSamePerson, referenceMessage } from '../domain/credential-reference';
import { digestOf } from '../domain/digest';
import type { CredentialReferences, ReferenceRecords } from '../domain/ports/credential-references';
import { jsonOf, verifyJws } from './jws';
import type { Trust } from './trust';

/**
 * Entries that the signed ledger has, and that our API's word proves to be two people's: whoever can write to the
 * database can write rows, and lines that nobody has signed yet, but can't say who asked for them.
 *
 * A proof was a token for one message and has run out since; what it is asked for here is only that it was signed. It
 * is for this organization, this entry as it stands, and this place in the ledger, so that none counts for another one
 * or again.
 */
export const provedReferences = (trusted: Trust, records: ReferenceRecords): CredentialReferences => ({
  async find(organization, name) {
    const found = await records.usableReference(organization, name);
    if (found === null) return null;
    const { entry, registered, confirmed } = found;
    const stated = (step: 'register' | 'confirm') =>
      referenceMessage(
        step,
        organization,
        entry,
        step === 'register' ? registered.after : entry.registration,
      );
    const [registrar, confirmer] = await Promise.all([
      personIn(trusted, registered.proof, 'registerReference', stated('register')),
      personIn(trusted, confirmed.proof, 'confirmReference', stated('confirm')),
    ]);
    const isProved =
      registrar !== null &&
      confirmer !== null &&
      registrar === registered.by &&
      confirmer === confirmed.by &&
      !isSamePerson(registrar, confirmer);
    return isProved ? entry : null;
  },
});

/** Whom our API named in a token for that action and message. */
async function personIn(
  { actorKeys }: Trust,
  proof: string,
  action: Permission,
  message: JsonObject,
): Promise<string | null> {
  const verdict = await verifyJws(proof, ACTOR_TYP, actorKeys);
  const claims = verdict.ok ? actorClaims.safeParse(jsonOf(verdict.payload)).data : undefined;
  const isOurs = claims?.action === action && claims.payloadDigest === digestOf(message);
  return isOurs ? claims.name : null;
}
