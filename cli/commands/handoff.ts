import { InvalidArgumentError } from 'commander';
import type { AddCommand, Outcome, Run } from '../command';
import { type ActionOptions, type Done, follow, openOperation } from '../follow';
import { asAction, collected } from '../options';

type Duty = 'escalation' | 'security' | 'key-owner';
interface Contact {
  name: string;
  email: string;
  duty: Duty;
}

/** `smsk handoff` */
export const handoff: AddCommand = (program, act) => {
  act(
    asAction(program.command('handoff'))
      .requiredOption(
        '--contact <contact>',
        'DUTY:Name <email>, DUTY being escalation, security or key-owner; several may be given',
        collected(contact),
      )
      .option('--runbook <url>', 'https link; several may be given', collected(String))
      .description('record whom to call and where the runbook is; ends the operation'),
    record,
  );
};

const closed: Done = (now) => now.operation?.stage === 'closed';

async function record(
  run: Run,
  options: ActionOptions & { contact: Contact[]; runbook?: string[] },
): Promise<Outcome> {
  const { client } = run;
  const { org, idempotencyKey, contact: contacts, runbook = [] } = options;
  const { status, operation } = await openOperation(client, org);
  const accepted = await client.recordHandoff(
    org,
    { operationId: operation.id, contacts, runbook },
    { idempotencyKey },
  );
  return follow(run, accepted, status, options, 'handoff recorded', closed);
}

function contact(text: string): Contact {
  const [, duty, name, email] =
    /^(escalation|security|key-owner):\s*([^<>]+?)\s*<([^<>\s]+)>$/.exec(text) ?? [];
  if (duty === undefined || name === undefined || email === undefined)
    throw new InvalidArgumentError('must be like "escalation:Jo Doe <jo@example.com>".');
  return { name, email, duty: duty as Duty };
}
