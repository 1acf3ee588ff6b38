import { InvalidArgumentError } from 'commander';
import type { JsonObject } from '../../domain/canonical';
import { type Instant, instantOf } from '../../domain/ids';
import { instant } from '../../domain/intake/fields';
import { MAINTENANCE_TYP, windowFault } from '../../domain/maintenance';
import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';
import { localKey } from '../keys';
import { forOrganization } from '../options';
import { table } from '../words/table';

/** `smsk maintenance declare|list|cancel` */
export const maintenance: AddCommand = (program, act) => {
  const group = program
    .command('maintenance')
    .description('when you work on your key: what is refused meanwhile still fails closed, and pages nobody');
  act(
    forOrganization(group.command('declare'))
      .requiredOption('--key <file>', 'your approval key; it signs here and is sent nowhere')
      .option('--from <time>', 'when it begins, like 2027-01-31T20:00:00.000Z; now unless given', moment)
      .requiredOption('--until <time>', 'when it ends, at most 7 days later', moment)
      .requiredOption('--reason <text>', 'why, for whoever reads it later')
      .description('declare a maintenance window, signed'),
    declare,
  );
  act(forOrganization(group.command('list')).description('windows, newest first'), list);
  act(
    forOrganization(group.command('cancel'))
      .requiredOption('--key <file>', 'your approval key')
      .requiredOption('--window <entry>', 'its ledger entry, as `maintenance list` names it', entryNumber)
      .description('take a window back, signed: people are paged again'),
    cancel,
  );
};

interface DeclareOptions {
  readonly org: string;
  readonly key: string;
  readonly from?: Instant;
  readonly until: Instant;
  readonly reason: string;
}

async function declare(run: Run, { org, key, until, reason, ...given }: DeclareOptions): Promise<Outcome> {
  const now = instantOf(run.terminal.now());
  const { from = now } = given;
  const fault = windowFault({ from, until }, now);
  if (fault !== null) throw new Declined(fault, 'choose other times', EXIT.usage);
  const jws = await signed(run, org, key, { action: 'declare', from, until, reason });
  const { recorded } = await run.client.signMaintenance(org, jws);
  return {
    json: { window: recorded.index, from, until, recorded },
    text: `${org}: maintenance window ${recorded.index}, from ${from} until ${until}\n`,
  };
}

async function cancel(
  run: Run,
  { org, key, window }: { org: string; key: string; window: number },
): Promise<Outcome> {
  const { windows } = await run.client.maintenance(org);
  const declared = windows.find(({ index }) => index === window);
  if (declared === undefined)
    throw new Declined(
      `${org} has no maintenance window ${window}`,
      'see `smsk maintenance list`',
      EXIT.usage,
    );
  const jws = await signed(run, org, key, { action: 'cancel', cancels: declared.nonce });
  const cancelled = await run.client.signMaintenance(org, jws);
  return {
    json: cancelled,
    text: `${org}: maintenance window cancelled in ledger entry ${cancelled.recorded.index}\n`,
  };
}

async function list({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const { windows } = await client.maintenance(org);
  const rows = windows.map(({ index, from, until, reason, cancelledAt }) => [
    String(index),
    from,
    until,
    cancelledAt === null ? '-' : cancelledAt,
    reason,
  ]);
  const text =
    rows.length === 0
      ? `${org}: no maintenance window\n`
      : `${table([['WINDOW', 'FROM', 'UNTIL', 'CANCELLED', 'REASON'], ...rows])}\n`;
  return { json: windows, text };
}

const VALID_S = 3600;

async function signed(
  { client, terminal }: Run,
  org: string,
  keyFile: string,
  wish: JsonObject,
): Promise<string> {
  const key = await localKey(keyFile);
  const { deployment, organizationId } = await client.approvers(org);
  return key.sign(MAINTENANCE_TYP, {
    type: 'smsk-maintenance/v1',
    ...wish,
    deployment,
    org: organizationId,
    credentialId: key.credentialId,
    nonce: Buffer.from(terminal.random(24)).toString('base64url'),
    exp: Math.floor(terminal.now() / 1000) + VALID_S,
  });
}

function moment(text: string): Instant {
  const parsed = instant.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('must be like 2027-01-31T20:00:00.000Z.');
  return parsed.data;
}

function entryNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be the number of a ledger entry.');
  return Number(text);
}
