import { verifyBundle } from '../../ledger/verify';
import type { AddCommand, Outcome, Run } from '../command';
import { readTextFile } from '../command';
import { readBundle, writeBundle } from '../evidence/files';
import { nodeSuite } from '../evidence/suite';
import { trustIn } from '../evidence/trust';
import { verdictOutcome } from '../evidence/words';
import { forOrganization } from '../options';
import { reconcile } from './evidence-reconcile';

/** `smsk evidence export|verify|reconcile` */
export const evidence: AddCommand = (program, act) => {
  const group = program.command('evidence').description('what can be checked without us');
  act(
    forOrganization(group.command('export'))
      .requiredOption('--out <dir>', 'a new or empty folder')
      .option(
        '--usage-before <instant>',
        'usage rows of the newest minutes that end by then (at most 50,000 rows), e.g. 2026-01-31T00:00:00.000Z',
      )
      .description('write the evidence bundle'),
    exportIt,
  );
  act(
    group
      .command('verify')
      .argument('<dir>', 'the bundle')
      .option(
        '--trust <file>',
        'keys you got another way, one a line; without it the verdict is SELF-ATTESTED',
      )
      .option('--since <checkpoint>', 'file with an older checkpoint that the bundle must continue')
      .description('check a bundle offline: every line, the head, every signature'),
    verifyIt,
  );
  reconcile(group, act);
};

async function exportIt(
  { client }: Run,
  { org, out, usageBefore }: { org: string; out: string; usageBefore?: string },
): Promise<Outcome> {
  const { files } = await client.evidence(org, usageBefore);
  const names = writeBundle(out, files);
  return {
    json: { directory: out, files: names },
    text: `${org}: evidence of ${names.length} files in ${out}\n  next       smsk evidence verify ${out} --trust FILE\n`,
  };
}

async function verifyIt(
  _: Run,
  directory: string,
  { trust, since }: { trust?: string; since?: string },
): Promise<Outcome> {
  const verdict = await verifyBundle(nodeSuite, readBundle(directory), {
    ...(trust === undefined ? {} : { trust: trustIn(trust) }),
    ...(since === undefined ? {} : { since: readTextFile(since, 'the older checkpoint') }),
  });
  return verdictOutcome(directory, verdict);
}
