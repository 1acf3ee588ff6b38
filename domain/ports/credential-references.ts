import type { UsableReference } from '../credential-reference';
import type { LedgerIndex, OrganizationId } from '../ids';

/** Entries that credentials are resolved by. */
export interface CredentialReferences {
  /**
   * The entry of that name that two people vouched for. An unknown, unconfirmed, withdrawn or another organization's
   * name is `null` alike, after the same work.
   */
  find(organization: OrganizationId, name: string): Promise<UsableReference | null>;
}

/** An entry by the signed ledger, with what its people's proofs are checked against. */
export interface RecordedReference {
  readonly entry: UsableReference;
  readonly registered: { readonly by: string; readonly after: LedgerIndex | null; readonly proof: string };
  readonly confirmed: { readonly by: string; readonly proof: string };
}

export interface ReferenceRecords {
  usableReference(organization: OrganizationId, name: string): Promise<RecordedReference | null>;
}

/** When a credential ends, for whoever warns of it: milliseconds since the epoch. */
export interface CredentialEnds {
  /**
   * The earlier of the registered date and the credential's own, where it has one and can be read now.
   */
  endOf(entry: UsableReference, signal: AbortSignal): Promise<number>;
}
