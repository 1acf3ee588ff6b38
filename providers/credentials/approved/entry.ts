import type { Connection } from '../../../domain/connection';
import { freshnessOf, isFor, type UsableReference } from '../../../domain/credential-reference';
import { ProviderFailure } from '../../../domain/failure';
import type { CredentialReferences } from '../../../domain/ports/credential-references';
import { askOurs } from '../../calls/ask-ours';

/**
 * The entry that a connection's credential is resolved by. It's asked for at each use, whatever is cached of what it
 * leads to: a withdrawal counts at the next operation.
 * @throws ProviderFailure REFERENCE_UNKNOWN for whatever isn't an entry of this organization for this very key,
 * CREDENTIAL_EXPIRED, CREDENTIAL_UNAVAILABLE where the entries can't be read; DatabaseUnavailable, which passes
 */
export type EntryFor = (connection: Connection, signal: AbortSignal) => Promise<UsableReference>;

/** @param clock milliseconds since the epoch */
export const approvedEntries =
  (references: CredentialReferences, clock: () => number): EntryFor =>
  async ({ organization, input }, signal) => {
    const { credential } = input;
    if (credential.kind !== 'approved') throw new ProviderFailure('REFERENCE_UNKNOWN');
    const find = () => references.find(organization, credential.name);
    const entry = await askOurs(find, signal, 'CREDENTIAL_UNAVAILABLE');
    if (entry === null || !isFor(entry, organization, input)) throw new ProviderFailure('REFERENCE_UNKNOWN');
    if (freshnessOf(Date.parse(entry.notAfter), clock()) === 'expired')
      throw new ProviderFailure('CREDENTIAL_EXPIRED');
    return entry;
  };
