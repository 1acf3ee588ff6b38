import { InvalidArgumentError } from 'commander';
import type { AddCommand, Outcome, Run } from '../command';
import { forOrganization } from '../options';
import { table } from '../words/table';

/** `smsk ledger show` */
export const ledger: AddCommand = (program, act) => {
  const group = program.command('ledger').description('the organization’s append-only history');
  act(
    forOrganization(group.command('show'))
      .option('--from <index>', 'first entry', count, 0)
      .option('--limit <number>', 'how many, at most 1000', count, 100)
      .description('entries, oldest first'),
    show,
  );
};

interface Entry {
  readonly index: number;
  readonly at: string;
  readonly type: string;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly body: Readonly<Record<string, unknown>>;
}

async function show(
  { client }: Run,
  { org, from, limit }: { org: string; from: number; limit: number },
): Promise<Outcome> {
  const page = await client.ledger(org, from, limit);
  const entries = page.entries.map(({ entry }) => JSON.parse(entry) as Entry);
  const rows = entries.map(({ index, at, type, actor, body }) => [
    String(index),
    at,
    type,
    `${actor.kind} ${actor.name}`,
    brief(body),
  ]);
  const more = page.next === null ? '' : `\n${page.size} entries; go on with --from ${page.next}\n`;
  return {
    json: { size: page.size, next: page.next, entries },
    text: `${table([['#', 'AT', 'ENTRY', 'BY', ''], ...rows])}\n${more}`,
  };
}

const TELLING = [
  'orderRef',
  'decision',
  'code',
  'planDigest',
  'version',
  'custody',
  'outcome',
  'reason',
  'keyRef',
];

/** The few members of an entry that tell it from others of its type. */
function brief(body: Entry['body']): string {
  return TELLING.flatMap((name) => {
    const value = body[name];
    return typeof value === 'string' || typeof value === 'number' ? [`${name} ${short(String(value))}`] : [];
  }).join(', ');
}

const short = (value: string): string => (/^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value);

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return Number(text);
}
