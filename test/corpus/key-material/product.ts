import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDesk } from '../../fakes/api/terminal';
import { createApiWorld } from '../../fakes/api/world';
import type { Item } from './planted';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11';
const ROLE = 'arn:aws:iam::111122223333:role/novantra-wrap';
const ORG = ['--org', 'acme'];
const asAdmin = { as: 'customer-admin' } as const;

/** What the product itself prints and exports, from an order to the evidence: none of it is an alarm. */
export async function productOutputs(): Promise<Item[]> {
  const world = await createApiWorld();
  const desk = createDesk(world);
  const items: Item[] = [];
  const add = (text: string, file?: string) => {
    if (text !== '')
      items.push({
        label: 'harmless',
        kind: 'product output',
        text,
        ...(file === undefined ? {} : { file }),
      });
  };
  const say = async (line: readonly string[], sitting: Parameters<typeof desk.smsk>[1] = {}) => {
    const said = await desk.smsk(line, sitting);
    add(said.out);
    add(said.err);
    return said;
  };
  try {
    const key = desk.file('ada.pem');
    const { json } = await say(['approver', 'keygen', '--out', key, '--json']);
    const order = await world.order({ approver: { thumbprint: json.credentialId, role: 'customer-admin' } });
    add(order);
    await say(['order', 'submit', ...ORG], { as: 'commerce', stdin: Buffer.from(order) });
    await say(['approver', 'enrol', ...ORG, '--key', `${key}.pub.json`], asAdmin);
    await say(['activate', ...ORG]);
    await say(['connection', 'set', ...ORG, '--key', KEY, '--role', ROLE], asAdmin);
    await say(['verify', ...ORG], asAdmin);
    await say(['dry-run', ...ORG]);
    await say(['review', ...ORG]);
    for (const form of [[], ['--json']]) {
      for (const line of [['status'], ['plan', 'show'], ['approver', 'list'], ['ledger', 'show']])
        await say([...line, ...ORG, ...form], asAdmin);
      await say(['connection', 'policy', ...ORG, '--key', KEY, '--role', ROLE, ...form], asAdmin);
    }
    await say(['approve', ...ORG, '--key', key, '--yes'], asAdmin);
    await say(['live', ...ORG]);
    await say(['handoff', ...ORG, '--contact', 'security:Jo Doe <jo@acme.example>']);
    await say(['status', ...ORG]);
    const out = join(desk.folder, 'evidence');
    await say(['evidence', 'export', ...ORG, '--out', out], { as: 'customer-auditor' });
    await say(['evidence', 'verify', out]);
    for (const name of readdirSync(out)) add(readFileSync(join(out, name), 'utf8'), name);
    return items;
  } finally {
    desk.close();
    await world.close();
  }
}
