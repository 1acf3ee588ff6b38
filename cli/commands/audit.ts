import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { forOrganization } from '../options';
import { auditText } from '../words/audit';

/** `smsk audit show|run` */
export const audit: AddCommand = (program, act) => {
  const group = program
    .command('audit')
    .description('whether a ledger is what was signed and published of it');
  act(forOrganization(group.command('show')).description('what the latest audit found'), show);
  act(
    forOrganization(group.command('run')).description(
      'have it audited from its first entry on by the schedule’s next run, a quarter of its period away at most',
    ),
    run,
  );
};

async function show({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const found = await client.audit(org);
  return {
    json: found,
    text: `${auditText(org, found)}\n`,
    exitCode: found.findings.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

async function run({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const started = await client.runAudit(org);
  return {
    json: started,
    text: `${org} is audited by the schedule’s next run. What it finds: smsk audit show --org ${org}\n`,
    exitCode: EXIT.ok,
  };
}
