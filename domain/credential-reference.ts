import { z } from 'zod';
import type { JsonObject } from './canonical';
import type { ConnectionInput } from './connection';
import type { ProviderName } from './custody';
import type { Instant, LedgerIndex, OrganizationId, Sha256Hex } from './ids';
import { awsKeyIdentifier, awsKeyParts, awsPrincipalArn } from './intake/aws';
import { azureClientId, azureKeyIdentifier } from './intake/azure';
import { credentialLocator } from './intake/credential-locator';
import { instant } from './intake/fields';
import { referenceName } from './intake/reference';

/** So long before its end a credential is warned of. */
export const WARNED_MS = 30 * 86_400_000;
/** The longest that a credential may be registered for: a secret of Entra ID lives two years at most. */
export const LONGEST_MS = 731 * 86_400_000;

const binding = {
  name: referenceName,
  /** Where the credential lies; `credentialLocator`. */
  locator: credentialLocator,
  /** Past it the credential isn't used. */
  notAfter: instant,
};

/**
 * What a person registers, and another confirms, under a name: one key of one provider, where the credential for it
 * lies, and who it makes us: an IAM user or role of the customer's, or an app registration in the customer's tenant.
 * No member can hold the credential.
 */
export const referenceInput = z
  .discriminatedUnion('provider', [
    z.strictObject({
      ...binding,
      provider: z.literal('aws-kms'),
      key: awsKeyIdentifier,
      identity: awsPrincipalArn,
    }),
    z.strictObject({
      ...binding,
      provider: z.literal('azure-key-vault'),
      key: azureKeyIdentifier,
      identity: azureClientId,
    }),
  ])
  .superRefine((input, context) => {
    // A refinement is asked though a member isn't of its form.
    if (input.provider !== 'aws-kms' || !awsKeyIdentifier.safeParse(input.key).success) return;
    if (input.identity.split(':')[1] === awsKeyParts(input.key).partition) return;
    context.addIssue({
      code: 'custom',
      path: ['identity'],
      message: 'is of another partition of AWS than the key',
    });
  });
export type ReferenceInput = z.output<typeof referenceInput>;
/** As it is sent, before its fields are parsed. */
export type ReferenceRequest = z.input<typeof referenceInput>;

/** An entry in full: what its two people state. */
export interface StatedReference {
  readonly name: string;
  readonly provider: ProviderName;
  readonly key: string;
  readonly locator: string;
  readonly identity: string;
  readonly notAfter: Instant;
}

/** An entry that two people vouched for, as it is used. */
export interface UsableReference extends StatedReference {
  readonly organization: OrganizationId;
  /** Ledger index of its registration: another one under the name is another entry. */
  readonly registration: LedgerIndex;
}

/** Whether the entry is for that connection: its organization, its provider and its very key. */
export const isFor = (
  entry: UsableReference,
  organization: OrganizationId,
  { provider, key }: Pick<ConnectionInput, 'provider' | 'key'>,
): boolean => entry.organization === organization && entry.provider === provider && entry.key === key;

export type Freshness = 'valid' | 'expiring' | 'expired';

/** @param nowMs, @param notAfterMs milliseconds since the epoch */
export function freshnessOf(notAfterMs: number, nowMs: number): Freshness {
  if (nowMs >= notAfterMs) return 'expired';
  return nowMs >= notAfterMs - WARNED_MS ? 'expiring' : 'valid';
}

/** What is wrong with the end that a credential is registered with; `null`: nothing. Milliseconds since the epoch. */
export function endFault(notAfterMs: number, nowMs: number): string | null {
  if (notAfterMs <= nowMs) return 'is past';
  if (notAfterMs - nowMs > LONGEST_MS)
    return 'is more than two years away, longer than any credential is registered for';
  return null;
}

/** A registration as the ledger has it; locator and proof by their digests. */
export interface Registration extends Omit<StatedReference, 'locator'> {
  readonly locatorSha256: Sha256Hex;
  readonly by: string;
  readonly at: Instant;
  readonly index: LedgerIndex;
  /**
   * What the person saw as the last entry about the name; `null`: none. It's part of what is proved, so that a proof
   * counts once.
   */
  readonly after: LedgerIndex | null;
  readonly proofSha256: Sha256Hex;
}

export interface Confirmation {
  /** Of the registration that was confirmed. */
  readonly registration: LedgerIndex;
  readonly by: string;
  readonly at: Instant;
  readonly index: LedgerIndex;
  readonly proofSha256: Sha256Hex;
}

/** Where a name stands. A `pending` one beside a confirmed one is its renewal: of the same key, waiting. */
export interface NamedReference {
  readonly confirmed: { readonly registration: Registration; readonly confirmation: Confirmation } | null;
  readonly pending: Registration | null;
  /** Ledger index of the last entry about the name; `null`: there's none. */
  readonly last: LedgerIndex | null;
}
export type NamedReferences = ReadonlyMap<string, NamedReference>;

export const NO_REFERENCE: NamedReference = { confirmed: null, pending: null, last: null };

export type ReferenceEvent =
  | { readonly type: 'reference-registered'; readonly registration: Registration }
  | { readonly type: 'reference-confirmed'; readonly confirmation: Confirmation }
  | { readonly type: 'reference-withdrawn'; readonly index: LedgerIndex };

export type ReferenceRefused = 'REFERENCE_EXISTS' | 'REFERENCE_NOT_FOUND' | 'SECOND_PERSON_NEEDED';

/** Names of people are told apart by what is left of them without case, form and white space. */
export const isSamePerson = (one: string, other: string): boolean => plainName(one) === plainName(other);

const plainName = (name: string): string => name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

/**
 * The one rule of two people, by which changes are accepted and lines of the ledger are read alike: a line that no
 * commit would have written moves nothing.
 *
 * A name has one registration that waits. While none counts under the name, anything may be registered; while one
 * does, only its renewal, for the same key. A withdrawal takes both.
 */
export function nextReference(
  present: NamedReference,
  event: ReferenceEvent,
): NamedReference | ReferenceRefused {
  const { confirmed, pending, last } = present;
  switch (event.type) {
    case 'reference-registered': {
      const { registration } = event;
      const isRenewal = confirmed === null || isSameKey(confirmed.registration, registration);
      if (pending !== null || !isRenewal || registration.after !== last) return 'REFERENCE_EXISTS';
      return { confirmed, pending: registration, last: registration.index };
    }
    case 'reference-confirmed': {
      const { confirmation } = event;
      if (pending === null || pending.index !== confirmation.registration) return 'REFERENCE_NOT_FOUND';
      if (isSamePerson(pending.by, confirmation.by)) return 'SECOND_PERSON_NEEDED';
      return {
        confirmed: { registration: pending, confirmation },
        pending: null,
        last: confirmation.index,
      };
    }
    case 'reference-withdrawn':
      if (confirmed === null && pending === null) return 'REFERENCE_NOT_FOUND';
      return { ...NO_REFERENCE, last: event.index };
    default: {
      const unknown: never = event;
      throw new Error(`unknown event ${String(unknown)}`);
    }
  }
}

const isSameKey = (one: Registration, other: Registration): boolean =>
  one.provider === other.provider && one.key === other.key;

/** What each of the two people's proof is over: the entry whole, which step of it, and after which entry. */
export function referenceMessage(
  step: 'register' | 'confirm',
  organization: OrganizationId,
  { name, provider, key, identity, locator, notAfter }: StatedReference,
  after: LedgerIndex | null,
): JsonObject {
  return { step, organization, name, provider, key, identity, locator, notAfter, after };
}
