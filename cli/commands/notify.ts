import type { AddCommand, Outcome, Run } from '../command';
import { forOrganization } from '../options';
import { fields, table } from '../words/table';

/** `smsk notify add|list|remove` */
export const notify: AddCommand = (program, act) => {
  const group = program.command('notify').description('webhook endpoints that are told of incidents');
  act(
    forOrganization(group.command('add'))
      .requiredOption('--to <url>', 'https address on the usual port; keep secrets out of it')
      .description('register an endpoint, and show its signing secret, this once'),
    add,
  );
  act(forOrganization(group.command('list')).description('endpoints that are told'), list);
  act(
    forOrganization(group.command('remove'))
      .requiredOption('--endpoint <id>', 'as `notify list` names it')
      .description('remove an endpoint; nothing more is sent there'),
    remove,
  );
};

async function add({ client }: Run, { org, to }: { org: string; to: string }): Promise<Outcome> {
  const added = await client.addEndpoint(org, to);
  return {
    json: added,
    text: `${org}: webhook endpoint registered in ledger entry ${added.recorded.index}\n${fields([
      ['endpoint', added.endpoint],
      ['url', added.url],
      ['secret', `${added.secret} (shown this once; a new one is a new endpoint)`],
    ])}`,
  };
}

async function list({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const { endpoints } = await client.endpoints(org);
  const rows = endpoints.map(({ endpoint, url, registeredAt }) => [endpoint, registeredAt, url]);
  const text =
    rows.length === 0
      ? `${org}: no webhook endpoint\n`
      : `${table([['ENDPOINT', 'REGISTERED', 'URL'], ...rows])}\n`;
  return { json: endpoints, text };
}

async function remove(
  { client }: Run,
  { org, endpoint }: { org: string; endpoint: string },
): Promise<Outcome> {
  const removed = await client.removeEndpoint(org, endpoint);
  return {
    json: removed,
    text: `${org}: webhook endpoint ${endpoint} removed in ledger entry ${removed.recorded.index}\n`,
  };
}
