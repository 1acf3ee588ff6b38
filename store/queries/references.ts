import type { NamedReferences, UsableReference } from '../../domain/credential-reference';
import { sha256OfText } from '../../domain/digest';
import { Refusal } from '../../domain/failure';
import type { LedgerIndex, OrganizationId } from '../../domain/ids';
import type { RecordedReference } from '../../domain/ports/credential-references';
import type { Queries } from '../database';

/**
 * The entry of that name that counts by the ledger. The rows hold only what the ledger has by its digest: a row that
 * was inserted or altered is inert, and a withdrawal whose row is gone still counts. The same queries whatever comes
 * of them.
 * @throws Refusal LEDGER_MISMATCH where the rows of an entry that counts are gone or altered
 */
export async function findUsableReference(
  queries: Queries,
  organization: OrganizationId,
  name: string,
  said: NamedReferences,
): Promise<RecordedReference | null> {
  const named = said.get(name);
  const counting = named?.confirmed ?? null;
  const organizationId = organization;
  const at = (index: LedgerIndex | undefined) => ({
    organizationId_ledgerIndex: { organizationId, ledgerIndex: index ?? -1 },
  });
  const row = await queries.referenceRegistration.findUnique({ where: at(counting?.registration.index) });
  const word = await queries.referenceConfirmation.findUnique({ where: at(counting?.confirmation.index) });
  if (counting === null) return null;
  const { registration, confirmation } = counting;
  const isOnRecord =
    row !== null &&
    word !== null &&
    sha256OfText(row.locator) === registration.locatorSha256 &&
    sha256OfText(row.proof) === registration.proofSha256 &&
    sha256OfText(word.proof) === confirmation.proofSha256;
  if (!isOnRecord) throw new Refusal('LEDGER_MISMATCH', `the reference ${name} is not on record`);
  const { provider, key, identity, notAfter, index } = registration;
  const entry: UsableReference = {
    ...{ organization, name, provider, key, identity, notAfter },
    locator: row.locator,
    registration: index,
  };
  return {
    entry,
    registered: { by: registration.by, after: registration.after, proof: row.proof },
    confirmed: { by: confirmation.by, proof: word.proof },
  };
}

/**
 * Where the credentials of those registrations lie, by ledger index.
 * @throws Refusal LEDGER_MISMATCH where a row is gone or altered
 */
export async function findLocators(
  queries: Queries,
  organization: OrganizationId,
  said: NamedReferences,
): Promise<ReadonlyMap<LedgerIndex, string>> {
  const standing = [...said.values()].flatMap(({ confirmed, pending }) =>
    [confirmed?.registration, pending].filter((one) => one != null),
  );
  const rows = await queries.referenceRegistration.findMany({
    where: { organizationId: organization, ledgerIndex: { in: standing.map(({ index }) => index) } },
    select: { ledgerIndex: true, locator: true },
  });
  const kept = new Map(rows.map(({ ledgerIndex, locator }) => [ledgerIndex as LedgerIndex, locator]));
  for (const { name, index, locatorSha256 } of standing) {
    const locator = kept.get(index);
    if (locator === undefined || sha256OfText(locator) !== locatorSha256)
      throw new Refusal('LEDGER_MISMATCH', `the reference ${name} is not on record`);
  }
  return kept;
}
