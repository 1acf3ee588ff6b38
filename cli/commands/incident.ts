import type { AddCommand, Outcome, Run } from '../command';
import { forOrganization } from '../options';
import { incidentsTable, incidentText } from '../words/incident';

/** `smsk incident list|show|probe|acknowledge|annotate` */
export const incident: AddCommand = (program, act) => {
  const group = program
    .command('incident')
    .description('what the provider refused, and how it was recovered');
  act(forOrganization(group.command('list')).description('the newest incidents, open and closed'), list);
  act(
    forOrganization(group.command('show'))
      .option('--id <number>', 'as `incident list` names it; the open one unless given')
      .description('one incident with its evidence'),
    show,
  );
  act(
    asMessage(group.command('probe')).description('look now whether the key answers, without waiting'),
    ({ client }: Run, { org, idempotencyKey }: MessageOptions) =>
      said(org, 'probing now', client.probeIncident(org, { idempotencyKey })),
  );
  act(
    asMessage(group.command('acknowledge'))
      .option('--note <text>', 'who is on it, or what is done')
      .description('put on record that somebody is on it'),
    ({ client }: Run, { org, note, idempotencyKey }: MessageOptions) =>
      said(
        org,
        'acknowledged',
        client.acknowledgeIncident(org, note === undefined ? {} : { note }, { idempotencyKey }),
      ),
  );
  act(
    asMessage(group.command('annotate'))
      .requiredOption('--note <text>', 'what is known of it')
      .description('put on record what is known of it'),
    ({ client }: Run, { org, note = '', idempotencyKey }: MessageOptions) =>
      said(org, 'annotated', client.annotateIncident(org, { note }, { idempotencyKey })),
  );
};

interface MessageOptions {
  readonly org: string;
  readonly note?: string;
  readonly idempotencyKey?: string;
}

const asMessage = (command: Parameters<typeof forOrganization>[0]) =>
  forOrganization(command).option(
    '--idempotency-key <key>',
    'repeat an action whose answer was lost, under the key it had',
  );

async function said(org: string, what: string, accepted: Promise<{ incident: string }>): Promise<Outcome> {
  const json = await accepted;
  return { json, text: `${org}: incident ${json.incident} ${what}\n` };
}

async function list({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const { incidents } = await client.incidents(org);
  const text = incidents.length === 0 ? `${org}: no incident on record\n` : incidentsTable(incidents);
  return { json: incidents, text };
}

async function show({ client }: Run, { org, id }: { org: string; id?: string }): Promise<Outcome> {
  const found = id === undefined ? (await client.status(org)).incident : await client.incident(org, id);
  return found === null
    ? { json: null, text: `${org}: no incident is open\n` }
    : { json: found, text: incidentText(org, found) };
}
