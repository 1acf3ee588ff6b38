import { readFileSync, statSync } from 'node:fs';
import { keyNameToken } from '../../domain/connection';
import { planDigest } from '../../domain/plan';
import { createDesk, type Desk } from '../fakes/api/terminal';
import { type ApiWorld, createApiWorld, SHARED_APP } from '../fakes/api/world';

let world: ApiWorld;
let desk: Desk;
beforeEach(async () => {
  world = await createApiWorld();
  desk = createDesk(world);
});
afterEach(async () => {
  desk.close();
  await world.close();
});

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11';
const ROLE = 'arn:aws:iam::111122223333:role/novantra-wrap';
const ORG = ['--org', 'acme'];
const asAdmin = { as: 'customer-admin' } as const;

const AWS_KEY = ['--key', KEY, '--role', ROLE];
const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
/** Of acme, by its name. */
const azureKey = () =>
  `https://acme-keys.vault.azure.net/keys/${keyNameToken(world.acme.organization.externalId)}`;

/** Up to a reviewed plan, with ada's key enrolled. */
async function reviewed(connection: readonly string[] = AWS_KEY): Promise<string> {
  const key = desk.file('ada.pem');
  const { json } = await desk.smsk(['approver', 'keygen', '--out', key, '--json']);
  const order = await world.order({ approver: { thumbprint: json.credentialId, role: 'customer-admin' } });
  const steps: [string[], Parameters<Desk['smsk']>[1]?][] = [
    [['order', 'submit', ...ORG], { as: 'commerce', stdin: Buffer.from(`${order}\n`) }],
    [['approver', 'enrol', ...ORG, '--key', `${key}.pub.json`], asAdmin],
    [['activate', ...ORG]],
    [['connection', 'set', ...ORG, ...connection], asAdmin],
    [['verify', ...ORG], asAdmin],
    [['dry-run', ...ORG]],
    [['review', ...ORG, '--note', 'right key, right organization']],
  ];
  for (const [line, sitting] of steps) {
    const said = await desk.smsk(line, sitting);
    expect([line, said.err, said.exitCode]).toEqual([line, '', 0]);
  }
  return key;
}

test('every step says what happened and who is awaited next', async () => {
  const { out } = await desk.smsk(['org', 'create', 'initech']);
  expect(out).toContain('initech: created');
  const key = await reviewed();

  const shown = await desk.smsk(['plan', 'show', ...ORG], asAdmin);
  const digest = world.acme.dryRun?.planDigest ?? '';
  for (const words of [digest, KEY, ROLE, 'platform → customer', 'gone by', 'version 2  is made new'])
    expect(shown.out).toContain(words);

  const approved = await desk.smsk(['approve', ...ORG, '--key', key, '--digest', digest], asAdmin);
  expect(approved.err).toContain('Plan to activate');
  expect(approved.out).toMatch(
    /^acme: plan approved\n {2}now {8}activation at stage live\n {2}awaited {4}support, since/,
  );

  const live = await desk.smsk(['live', ...ORG]);
  expect([live.exitCode, live.out]).toEqual([0, expect.stringContaining('acme: live activation\n')]);
  const contact = [
    '--contact',
    'escalation:Jo Doe <jo@acme.example>',
    '--contact',
    'security:Desk <s@acme.example>',
  ];
  const handoff = await desk.smsk([
    'handoff',
    ...ORG,
    ...contact,
    '--runbook',
    'https://wiki.acme.example/keys',
  ]);
  expect(handoff.out).toContain('now        active: the customer’s key holds\n  awaited    nobody');
  expect(world.acme.status.handoff?.contacts).toHaveLength(2);

  const status = await desk.smsk(['status', ...ORG]);
  expect(status.out).toContain('acme: active: the customer’s key holds');
  expect(status.out).toContain('the organization is in customer custody already');
  const ledger = await desk.smsk(['ledger', 'show', ...ORG, '--from', '1', '--limit', '2']);
  expect(ledger.out).toContain('order-accepted');
  expect(ledger.out).toContain('go on with --from 3');
});

test('with a key of Azure Key Vault the customer signs its tenant, its app, the key and its pinned version', async () => {
  const key = await reviewed(['--key', azureKey(), '--tenant', TENANT]);
  const shown = await desk.smsk(['plan', 'show', ...ORG], asAdmin);
  for (const line of [
    'provider    azure-key-vault, public cloud',
    `tenant      ${TENANT}`,
    `key         ${azureKey()}`,
    `pinned to   ${azureKey()}/00000000000000000000000000000001`,
    `app         ${SHARED_APP}`,
  ])
    expect(shown.out).toContain(`  ${line}\n`);
  const approved = await desk.smsk(['approve', ...ORG, '--key', key, '--yes'], asAdmin);
  expect([approved.exitCode, approved.out]).toEqual([0, expect.stringContaining('acme: plan approved\n')]);
  const status = await desk.smsk(['status', ...ORG]);
  for (const words of ['azure-key-vault, public cloud', TENANT, azureKey(), SHARED_APP])
    expect(status.out).toContain(words);
  expect((await desk.smsk(['live', ...ORG])).out).toContain('acme: live activation\n');
});

test('with a registered reference the plan names it, and nothing of what it stands for', async () => {
  const mine = 'https://acme-keys.vault.azure.net/keys/any-name';
  await reviewed(['--key', mine, '--tenant', TENANT, '--credential', 'approved:acme-vault-app']);
  const { out } = await desk.smsk(['plan', 'show', ...ORG], asAdmin);
  expect(out).toContain('  credential  approved:acme-vault-app\n');
  expect(out).not.toContain(SHARED_APP);
});

test('what it prints for Azure is what the API made, with our app and the key’s name', async () => {
  const line = ['connection', 'policy', ...ORG, '--key', azureKey(), '--tenant', TENANT];
  const { json } = await desk.smsk([...line, '--json'], asAdmin);
  const { out } = await desk.smsk(line, asAdmin);
  expect(out).toContain(`We come as   app ${SHARED_APP}\n`);
  expect(out).toContain(`contains ${json.keyNameToken}`);
  expect(out).toContain(json.text);
  expect(json.roleDefinition.DataActions).toHaveLength(2);
});

test('the policies it prints are whole and valid, and let the owner keep the key', async () => {
  const line = ['connection', 'policy', ...ORG, '--key', KEY, '--role', ROLE];
  const { json } = await desk.smsk([...line, '--json'], asAdmin);
  expect(json.keyPolicy.Statement[0]).toEqual({
    Sid: 'AccountAdministersTheKey',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Action: 'kms:*',
    Resource: '*',
  });
  expect(JSON.stringify(json.trustPolicy)).toContain(
    `"sts:ExternalId":"${world.acme.organization.externalId}"`,
  );
  const { out } = await desk.smsk(line, asAdmin);
  const printed = [...out.matchAll(/^\{\n[\s\S]*?^\}$/gm)].map(([text]) => JSON.parse(text));
  expect(printed).toEqual([json.keyPolicy, json.trustPolicy, json.rolePolicy]);
});

test('the private key is made here, for its owner only, and is never sent', async () => {
  const sent: string[] = [];
  const watching: typeof fetch = async (input, init) => {
    sent.push(`${String(input)} ${JSON.stringify(init?.headers)} ${String(init?.body)}`);
    return fetch(input, init);
  };
  const key = await reviewed();
  expect(statSync(key).mode & 0o777).toBe(0o600);
  await desk.smsk(['approver', 'enrol', ...ORG, '--key', key], { ...asAdmin, fetch: watching });
  await desk.smsk(['approve', ...ORG, '--key', key, '--yes'], { ...asAdmin, fetch: watching });
  const secret = readFileSync(key, 'utf8').split('\n')[1] ?? '';
  expect(secret.length).toBeGreaterThan(40);
  expect(sent.length).toBeGreaterThan(3);
  expect(sent.join('\n')).not.toContain(secret);
  expect(sent.join('\n')).not.toContain('PRIVATE KEY');
});

test('a plan whose digest isn’t what the server says is not signed', async () => {
  const key = await reviewed();
  const { dryRun } = world.acme;
  if (dryRun?.plan) world.acme.dryRun = { ...dryRun, plan: { ...dryRun.plan, mint: 9 } as never };
  const before = world.workflows.sent.length;
  const said = await desk.smsk(['approve', ...ORG, '--key', key, '--yes'], asAdmin);
  expect(said.exitCode).toBe(4);
  expect(said.err).toContain('the server says');
  expect(world.workflows.sent).toHaveLength(before);
});

test('a plan with a member that isn’t shown, or of another organization, is not signed', async () => {
  const key = await reviewed();
  const { dryRun } = world.acme;
  if (!dryRun?.plan) throw new Error('no plan');
  const before = world.workflows.sent.length;
  world.acme.dryRun = { ...dryRun, plan: { ...dryRun.plan, alsoDo: 'more' } as never };
  expect((await desk.smsk(['approve', ...ORG, '--key', key, '--yes'], asAdmin)).err).toContain(
    'can show in full',
  );
  const foreign = { ...dryRun.plan, organization: world.globex.organization };
  const plan = {
    ...foreign,
    organization: { id: world.globex.organization.id, name: world.globex.organization.name },
  };
  world.acme.dryRun = { ...dryRun, plan, planDigest: planDigest(plan) };
  expect((await desk.smsk(['approve', ...ORG, '--key', key, '--yes'], asAdmin)).err).toContain(
    'another organization',
  );
  expect(world.workflows.sent).toHaveLength(before);
});

test('nothing a server sends can hide a part of the plan, or move the cursor', async () => {
  const key = await reviewed();
  const { dryRun } = world.acme;
  if (dryRun?.plan?.kind !== 'activate') throw new Error('no plan');
  const plan = { ...dryRun.plan, order: { ...dryRun.plan.order, orderRef: 'SO-1\u001b[2K\r' } };
  world.acme.dryRun = { ...dryRun, plan, planDigest: planDigest(plan) };
  const said = await desk.smsk(['approve', ...ORG, '--key', key, '--yes'], asAdmin);
  expect(said).toMatchObject({ exitCode: 4, err: expect.stringContaining('can show in full') });
  world.acme.status = {
    ...world.acme.status,
    organization: { ...world.acme.organization, name: 'ac\u202eme\u001b[31m' as never },
  };
  const { out } = await desk.smsk(['status', ...ORG]);
  expect(out).toContain('ac\ufffdme\ufffd[31m: ');
  for (const hidden of ['\u001b', '\u202e']) expect(out).not.toContain(hidden);
});

test('a signature is given only by somebody who says so', async () => {
  const key = await reviewed();
  const digest = world.acme.dryRun?.planDigest ?? '';
  const approve = ['approve', ...ORG, '--key', key];
  expect(await desk.smsk(approve, asAdmin)).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('nobody is here'),
  });
  expect(await desk.smsk(approve, { ...asAdmin, answer: 'yes' })).toMatchObject({ exitCode: 4 });
  const other = await desk.smsk([...approve, '--digest', 'b'.repeat(64)], asAdmin);
  expect(other).toMatchObject({ exitCode: 4, err: expect.stringContaining('not the one you gave') });
  expect(await desk.smsk(approve, { ...asAdmin, answer: digest.slice(0, 8) })).toMatchObject({ exitCode: 0 });
});

test('later approvers are added and removed by one that is enrolled', async () => {
  const ada = await reviewed();
  const bob = desk.file('bob.pem');
  await desk.smsk(['approver', 'keygen', '--out', bob]);
  const enrol = ['approver', 'enrol', ...ORG, '--key', `${bob}.pub.json`];
  expect((await desk.smsk(enrol, asAdmin)).err).toContain(
    'a later key needs an enrolment signed by an enrolled one',
  );
  expect((await desk.smsk([...enrol, '--signed-by', ada], asAdmin)).out).toContain(
    'enrolled in ledger entry',
  );
  expect((await desk.smsk([...enrol, '--signed-by', ada], asAdmin)).out).toContain('was enrolled already');
  const { json } = await desk.smsk(['approver', 'list', ...ORG, '--json'], asAdmin);
  const [first, second] = json;
  const remove = (credential: string, by: string) =>
    desk.smsk(['approver', 'remove', ...ORG, '--credential', credential, '--signed-by', by], asAdmin);
  expect((await remove(first.credentialId, bob)).out).toContain('removed in ledger entry');
  expect((await remove(second.credentialId, bob)).err).toContain('the last key can’t be removed');
  expect((await remove(second.credentialId, ada)).err).toContain('APPROVAL_KEY_REMOVED');
});

test('reject and cancel end it; nothing is open afterwards', async () => {
  const key = await reviewed();
  expect((await desk.smsk(['reject', ...ORG, '--key', key, '--yes', '--durable'], asAdmin)).out).toContain(
    'plan rejected',
  );
  expect((await desk.smsk(['cancel', ...ORG])).err).toContain('has no open operation');
  await desk.smsk(['activate', ...ORG]);
  expect((await desk.smsk(['cancel', ...ORG])).out).toContain('activation cancelled');
});
