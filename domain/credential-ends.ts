import type { NamedReferences, UsableReference } from './credential-reference';
import { msOf, type OrganizationId } from './ids';
import type { CredentialEnds, CredentialReferences } from './ports/credential-references';

/** Sources of credentials are not ours to ask by the minute. */
const ASKED_EVERY_MS = 10 * 60_000;

/** The same, asked at most once in ten minutes for each entry. @param clock milliseconds since the epoch */
export function rememberedEnds(ends: CredentialEnds, clock: () => number): CredentialEnds {
  const known = new Map<
    string,
    { readonly registration: number; readonly atMs: number; readonly end: Promise<number> }
  >();
  return {
    endOf(entry, signal) {
      const { organization, name, registration } = entry;
      const key = `${organization}/${name}`;
      const before = known.get(key);
      const isFresh = before?.registration === registration && clock() - before.atMs < ASKED_EVERY_MS;
      if (isFresh) return before.end;
      const end = ends.endOf(entry, signal);
      const asked = { registration, atMs: clock(), end };
      known.set(key, asked);
      // What couldn't be found out is asked for again.
      end.catch(() => known.get(key) === asked && known.delete(key));
      return end;
    },
  };
}

export interface EndsParts {
  /** Where each name stands, by the ledger. */
  readonly store: { references(organization: OrganizationId): Promise<NamedReferences> };
  readonly references: CredentialReferences;
  readonly ends: CredentialEnds;
}

/** Every entry of the organization that counts, with its end (milliseconds since the epoch). */
export async function endsIn(
  { store, references, ends }: EndsParts,
  organization: OrganizationId,
  signal: AbortSignal,
): Promise<readonly { readonly entry: UsableReference; readonly endMs: number }[]> {
  const named = [...(await store.references(organization))].filter(([, { confirmed }]) => confirmed !== null);
  const found = await Promise.all(named.map(([name]) => references.find(organization, name)));
  return Promise.all(
    found
      .filter((entry) => entry !== null)
      .map(async (entry) => ({
        entry,
        // The registered date holds whether or not the credential can be read now.
        endMs: await ends.endOf(entry, signal).catch(() => msOf(entry.notAfter)),
      })),
  );
}
