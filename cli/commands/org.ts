import type { AddCommand, Outcome, Run } from '../command';
import { fields, table } from '../words/table';

/** `smsk org create NAME`, `smsk org list` */
export const org: AddCommand = (program, act) => {
  const group = program.command('org').description('organizations');
  act(
    group
      .command('create')
      .argument('<name>', '2 to 40 lower-case letters, digits or hyphens')
      .description('create an organization with its first workspace key, in the operator’s custody'),
    create,
  );
  act(group.command('list').description('organizations your token is for'), list);
};

async function create({ client }: Run, name: string): Promise<Outcome> {
  const organization = await client.createOrganization(name);
  const text = [
    `${name}: created, with its first workspace key in the operator’s custody\n`,
    fields([
      ['id', organization.id],
      ['awaited', 'the commercial process: a signed order that names this id (`smsk order submit`)'],
    ]),
  ].join('');
  return { json: organization, text };
}

async function list({ client }: Run): Promise<Outcome> {
  const { organizations } = await client.organizations();
  const rows = organizations.map(({ name, id, createdAt }) => [name, id, createdAt]);
  const text = rows.length === 0 ? 'no organizations\n' : `${table([['NAME', 'ID', 'CREATED'], ...rows])}\n`;
  return { json: organizations, text };
}
