import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical';
import type { ChangeOf } from '../../domain/change';
import { instantOf, msOf } from '../../domain/ids';
import type { LedgerText } from '../../domain/ports/publication';
import { nodeSuite } from '../../ledger/node/suite';
import { toUtf8 } from '../../ledger/verify/encoding';
import { concatHashes, leafHash, rootOfLeaves } from '../../ledger/verify/tree';
import type { UnfencedStep } from '../commit/step';
import { usageRow } from '../content/usage';
import { NotRestorable } from './not-restorable';
import { textOf } from './step';

const row = z.strictObject({
  at: z.iso.datetime(),
  keyRef: z.string(),
  operations: z.int(),
  purpose: z.string(),
  requestId: z.string().nullable(),
});

/** The calls of a minute, whose root its entry has; those that the backup has already stay as they are. */
export async function usageRecorded(
  { tx, organization: organizationId, index }: UnfencedStep,
  { minute, calls, root }: ChangeOf<'usage'>,
  texts: readonly LedgerText[],
): Promise<void> {
  const lines = (textOf(texts, 'usage') ?? '').split('\n');
  const leaves = concatHashes(lines.map((line) => leafHash(nodeSuite, toUtf8(line))));
  const isOfIt = Buffer.from(rootOfLeaves(nodeSuite, leaves)).toString('hex') === root;
  if (lines.length !== calls || !isOfIt)
    throw new NotRestorable(`the usage of entry ${index} isn't what its root is over`);
  const present = await tx.usage.findMany({
    where: { organizationId, at: { gte: minute, lt: instantOf(msOf(minute) + 60_000) } },
  });
  const left = present.map((each) => canonicalJson(usageRow(each)));
  const lost = lines.filter((line) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  const data = lost.map((line) => ({ organizationId, ...row.parse(JSON.parse(line)) }));
  await tx.usage.createMany({ data });
}
