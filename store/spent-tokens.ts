import type { Code } from '../domain/codes';
import type { OrganizationId } from '../domain/ids';
import type { Queries } from './database';

/**
 * An actor token that starts a run is bound to it.
 * @returns whether it is this claimant's: it had started none before
 */
export async function spendOnRun(
  tx: Queries,
  organizationId: OrganizationId,
  jti: string,
  claimant: string,
): Promise<boolean> {
  await tx.spentToken.createMany({ data: [{ organizationId, jti, claimant }], skipDuplicates: true });
  const spent = await tx.spentToken.findUniqueOrThrow({
    where: { organizationId_jti: { organizationId, jti } },
  });
  return spent.claimant === claimant;
}

/** A refused message stays refused, whoever sends it again. */
export async function spendOnRefusal(
  tx: Queries,
  organizationId: OrganizationId,
  jti: string,
  code: Code,
): Promise<void> {
  await tx.spentToken.createMany({ data: [{ organizationId, jti, code }], skipDuplicates: true });
}

export async function findRefused(
  queries: Queries,
  organizationId: OrganizationId,
  jti: string,
): Promise<Code | null> {
  const spent = await queries.spentToken.findUnique({
    where: { organizationId_jti: { organizationId, jti } },
    select: { code: true },
  });
  return (spent?.code ?? null) as Code | null;
}
