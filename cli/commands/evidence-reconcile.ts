import { verifyBundle } from '../../ledger/verify';
import type { AddCommand, Outcome, Run } from '../command';
import { readBundle } from '../evidence/files';
import { claimsOf } from '../evidence/reconcile/claims';
import { exportFiles, piecesOf } from '../evidence/reconcile/export-files';
import { providerRecordOf } from '../evidence/reconcile/read-record';
import { Reconciliation } from '../evidence/reconcile/reconciliation';
import { Unread } from '../evidence/reconcile/unread';
import { reconciledOutcome } from '../evidence/reconcile/words';
import { nodeSuite } from '../evidence/suite';
import { trustIn } from '../evidence/trust';
import { verdictOutcome } from '../evidence/words';

/** `smsk evidence reconcile` */
export const reconcile: AddCommand = (group, act) => {
  act(
    group
      .command('reconcile')
      .argument('<dir>', 'the bundle')
      .argument(
        '<log...>',
        'files or folders of your provider’s log: CloudTrail log files or lookup-events, or Key Vault AuditEvent',
      )
      .option(
        '--trust <file>',
        'keys you got another way, one a line; without it the verdict is SELF-ATTESTED',
      )
      .description('compare your provider’s log with the signed usage records, offline; sends nothing'),
    compare,
  );
};

async function compare(
  _: Run,
  directory: string,
  log: readonly string[],
  { trust }: { trust?: string },
): Promise<Outcome> {
  const files = exportFiles(log);
  const bundle = readBundle(directory);
  const verdict = await verifyBundle(nodeSuite, bundle, trust === undefined ? {} : { trust: trustIn(trust) });
  // Rows that no root binds are left out and counted; with anything else wrong, nothing binds any.
  const isBroken = verdict.findings.some(
    ({ severity, code }) => severity === 'error' && code !== 'USAGE_MISMATCH',
  );
  if (isBroken) return verdictOutcome(directory, verdict);
  const claims = claimsOf(nodeSuite, bundle);
  const reconciliation = new Reconciliation(claims);
  const unread = new Unread();
  for (const file of files)
    for await (const pieces of piecesOf(file))
      for (const piece of pieces) {
        const record = 'wrong' in piece ? piece.wrong : providerRecordOf(piece.json);
        if (record === null) unread.add(file, piece.line, 'no record of CloudTrail or AuditEvent');
        else if (typeof record === 'string') {
          if (record !== 'unrelated') unread.add(file, piece.line, record);
        } else if (record.isUse && record.refusal === null && record.keys.length === 0)
          unread.add(file, piece.line, 'a use that names no key');
        else reconciliation.add(record);
      }
  return reconciledOutcome({
    verdict: verdict.verdict,
    claims,
    files: files.length,
    unread,
    result: reconciliation.result(),
  });
}
