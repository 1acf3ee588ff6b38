import { type Instant, instantOf, type KeyRef, type OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';

export interface PlatformKeyRecord {
  readonly keyRef: KeyRef;
  readonly destroyedAt: Instant | null;
  readonly sealedAt: Instant | null;
}

/** The operator's newest key of this organization. */
export async function findPlatformKey(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<PlatformKeyRecord | null> {
  const row = await queries.platformKey.findFirst({
    where: { organizationId },
    orderBy: { ledgerIndex: 'desc' },
  });
  if (row === null) return null;
  const instant = (date: Date | null) => (date === null ? null : instantOf(date.getTime()));
  return {
    keyRef: row.keyRef as KeyRef,
    destroyedAt: instant(row.destroyedAt),
    sealedAt: instant(row.sealedAt),
  };
}

/** The signed statement of the present custody, whoever holds it; `null` before the first key version. */
export async function findCustodyStatement(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<string | null> {
  const custody = await queries.custody.findUnique({
    where: { organizationId },
    select: { statement: true },
  });
  return custody?.statement ?? null;
}
