import type { Actor } from '../../../domain/actor';
import type { Change } from '../../../domain/change';
import {
  type NamedReference,
  NO_REFERENCE,
  nextReference,
  type ReferenceEvent,
} from '../../../domain/credential-reference';
import { sha256OfText } from '../../../domain/digest';
import { Refusal } from '../../../domain/failure';
import type { Instant, LedgerIndex, OrganizationId } from '../../../domain/ids';
import type { RecordedReference } from '../../../domain/ports/credential-references';

/** One organization's references as the store keeps them, by the same rule of two people. */
export class KeptReferences {
  readonly named = new Map<string, NamedReference>();
  readonly locators = new Map<LedgerIndex, string>();
  private readonly proofs = new Map<LedgerIndex, string>();

  /** @returns what takes the change in, once it has its entry @throws Refusal as the store's commit */
  judged(change: Change, actor: Actor, next: LedgerIndex, at: Instant): (() => void) | null {
    const found = eventOf(change, actor, next, at);
    if (found === null) return null;
    const { name, event } = found;
    const verdict = nextReference(this.named.get(name) ?? NO_REFERENCE, event);
    if (typeof verdict === 'string') throw new Refusal(verdict);
    return () => {
      this.named.set(name, verdict);
      if (change.type === 'reference-registered') this.locators.set(next, change.locator);
      if ('proof' in change) this.proofs.set(next, change.proof);
    };
  }

  usable(organization: OrganizationId, name: string): RecordedReference | null {
    const counting = this.named.get(name)?.confirmed ?? null;
    if (counting === null) return null;
    const { registration, confirmation } = counting;
    const { provider, key, identity, notAfter, index, after, by } = registration;
    const locator = this.locators.get(index) ?? '';
    const proofAt = (at: LedgerIndex) => this.proofs.get(at) ?? '';
    return {
      entry: { organization, name, provider, key, identity, notAfter, locator, registration: index },
      registered: { by, after, proof: proofAt(index) },
      confirmed: { by: confirmation.by, proof: proofAt(confirmation.index) },
    };
  }
}

function eventOf(
  change: Change,
  actor: Actor,
  index: LedgerIndex,
  at: Instant,
): { name: string; event: ReferenceEvent } | null {
  if (change.type === 'reference-registered') {
    const { type, locator, proof, ...stated } = change;
    const digests = { locatorSha256: sha256OfText(locator), proofSha256: sha256OfText(proof) };
    const registration = { ...stated, ...digests, by: actor.name, at, index };
    return { name: change.name, event: { type, registration } };
  }
  if (change.type === 'reference-confirmed') {
    const { type, name, registration, proof } = change;
    const confirmation = { registration, by: actor.name, at, index, proofSha256: sha256OfText(proof) };
    return { name, event: { type, confirmation } };
  }
  if (change.type !== 'reference-withdrawn') return null;
  return { name: change.name, event: { type: change.type, index } };
}
