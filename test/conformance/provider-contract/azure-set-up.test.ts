import { type CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { AZURE_DATA_ACTIONS, type AzureSetUpInput, azureSetUp } from '../../../domain/set-up/azure';
import { type Cloud, refusal, startCloud } from '../azure-emulator/cloud';
import { azureCli } from './azure-cli/az';
import { type Check, runText } from './azure-cli/shell';

const EXTERNAL_ID = 'smsk-0123456789abcdef0123456789abcdef01234567';
const TOKEN = 'smsk-0123456789abcdef0123';
const KEY = 'https://contoso-keys.vault.azure.net/keys/novantra-smsk-0123456789abcdef0123';
const NAME = 'novantra-smsk-0123456789abcdef0123';
const ROLE = 'smsk-wrap-and-unwrap-contoso-keys';
const WORKSPACE =
  '/subscriptions/11f988bf-86f1-41af-91ab-2d7cd011db47/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/audit';
const PLAIN = Buffer.alloc(32, 7);
/** What our calls come from, and what they don't. */
const [OURS, OTHERS] = ['127.0.0.9', '127.0.0.8'];

const inputFor = (cloud: Cloud, change: Partial<AzureSetUpInput> = {}): AzureSetUpInput => ({
  externalId: EXTERNAL_ID,
  tenantId: cloud.customer.tenantId,
  key: KEY,
  app: { owner: 'operator', clientId: cloud.app.appId, shared: true },
  egressRanges: [`${OURS}/32`],
  ...change,
});

/** A vault that nothing of the set-up was done to; its firewall lets its own administrator in. */
async function untouched(rbac: boolean): Promise<Cloud> {
  const cloud = await startCloud();
  const { emulator, customer, app, vault } = cloud;
  emulator.administer('DELETE service-principals', { tenantId: customer.tenantId, appId: app.appId });
  emulator.administer('PATCH vaults', {
    name: vault.name,
    rbac,
    firewall: { defaultAction: 'Deny', ipRules: ['127.0.0.1'] },
  });
  return cloud;
}

async function carryOut(cloud: Cloud, change: Partial<AzureSetUpInput> = {}, { asksOnly = false } = {}) {
  const cli = azureCli(cloud, { asksOnly });
  const variables = { LOG_WORKSPACE_ID: WORKSPACE, APP_ID: cloud.app.appId };
  const { checks, status, complaints } = await runText(
    azureSetUp(inputFor(cloud, change)).text,
    variables,
    cli.az,
  );
  expect(cli.faults).toEqual([]);
  return { checks, status, complaints, cli: cli.session.cli };
}

const holds = ({ answered, expected }: Check): boolean =>
  answered.length === expected.length && answered.every((line, at) => line === expected[at]);
const failing = (checks: readonly Check[]): string[] =>
  checks.filter((check) => !holds(check)).map(({ command }) => command.replace(/ --output tsv$/, ''));

/** Ours, with what the set-up gave it. */
const crypto = (cloud: Cloud, address = OURS, key = KEY): CryptographyClient =>
  cloud.crypto(key, cloud.byCertificate(cloud.customer.tenantId), cloud.agent(address));

describe.each([
  { rbac: true, by: 'roles' },
  { rbac: false, by: 'access policies' },
])('the printed set-up, in a vault that goes by $by', ({ rbac }) => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await untouched(rbac);
  });
  afterEach(() => cloud.close());

  test('carried out, every check answers what the text says, and again when it’s carried out again', async () => {
    const first = await carryOut(cloud);
    expect(first).toMatchObject({ status: 0, complaints: '', cli: 'AzureCloud' });
    expect(failing(first.checks)).toEqual([]);
    expect(first.checks).toHaveLength(rbac ? 14 : 13);
    const key = await cloud.keys.getKey(NAME);
    const second = await carryOut(cloud);
    expect([second.status, failing(second.checks)]).toEqual([0, []]);
    expect((await cloud.keys.getKey(NAME)).properties.version).toBe(key.properties.version);
    const { assignments } = cloud.emulator.administer('GET role-assignments', {});
    expect(assignments.filter(({ role }) => role === ROLE)).toHaveLength(rbac ? 1 : 0);
  });

  test('before it, every check of something to be done says that it isn’t done', async () => {
    const { checks } = await carryOut(cloud, {}, { asksOnly: true });
    expect(failing(checks)).toHaveLength(checks.length - 5);
    expect(checks.filter(holds).map(({ expected }) => expected)).toEqual([
      [cloud.customer.tenantId],
      [cloud.customer.tenantId],
      ['https://contoso-keys.vault.azure.net/'],
      ['true'],
      ['Enabled'],
    ]);
  });

  test('with it our app wraps and unwraps with that key, from our address, and leaves the rows we promise', async () => {
    await carryOut(cloud);
    const wrapped = await crypto(cloud).wrapKey('RSA-OAEP-256', PLAIN);
    const opened = await crypto(cloud).unwrapKey('RSA-OAEP-256', wrapped.result);
    expect(Buffer.from(opened.result)).toEqual(PLAIN);
    expect(await refusal(crypto(cloud, OTHERS).wrapKey('RSA-OAEP-256', PLAIN))).toMatchObject({
      status: 403,
      inner: 'ForbiddenByFirewall',
    });
    const rows = cloud.emulator
      .trail()
      .filter(({ identity }) => identity.claim?.['appid'] === cloud.app.appId);
    expect(rows.map(({ operationName }) => operationName)).toEqual(['KeyWrap', 'KeyUnwrap', 'KeyWrap']);
  });

  test('and nothing else: no other operation, no other key, no other vault', async () => {
    await carryOut(cloud);
    const { keys, emulator, customer } = cloud;
    const { id: other = '' } = await keys.createKey('other', 'RSA', { keySize: 2048 });
    const elsewhere = emulator.administer('POST vaults', {
      name: 'contoso-other',
      tenantId: customer.tenantId,
      rbac,
    });
    const client = crypto(cloud);
    const ours = cloud.byCertificate(customer.tenantId);
    const agent = cloud.through(cloud.agent(OURS));
    const asOurs = new KeyClient(cloud.vault.vaultUri, ours, agent);
    const inOther = new KeyClient(elsewhere.vaultUri, ours, agent);
    const refused = {
      status: 403,
      message: expect.stringMatching(
        rbac ? /^Caller is not authorized|^Pagination/ : / permission on key vault |^Pagination/,
      ),
    };
    const attempts: (() => Promise<unknown>)[] = [
      () => asOurs.getKey(NAME),
      () => asOurs.listPropertiesOfKeys().next(),
      () => asOurs.listPropertiesOfKeyVersions(NAME).next(),
      () => asOurs.updateKeyProperties(NAME, { enabled: false }),
      () => asOurs.rotateKey(NAME),
      () => asOurs.createKey(NAME, 'RSA'),
      () => asOurs.createKey('another', 'RSA'),
      () => asOurs.beginDeleteKey(NAME),
      () => client.encrypt('RSA-OAEP-256', PLAIN),
      () => client.decrypt('RSA-OAEP-256', Buffer.alloc(384)),
      () => inOther.getKey('any'),
      // By access policies the two hold for the whole vault, as the text says.
      ...(rbac ? [() => crypto(cloud, OURS, other).wrapKey('RSA-OAEP-256', PLAIN)] : []),
    ];
    for (const attempt of attempts) expect(await refusal(attempt())).toMatchObject(refused);
    // Not emulated; the role has no action for it, and the key no such use.
    await expect(client.sign('RS256', Buffer.alloc(32))).rejects.toThrow();
    expect((await keys.getKey(NAME)).keyOperations?.sort()).toEqual(['unwrapKey', 'wrapKey']);
  });
});

describe('a check notices', () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await untouched(true);
    await carryOut(cloud);
  });
  afterEach(() => cloud.close());

  const principalId = ({ emulator, customer, app }: Cloud): string =>
    emulator.administer('GET service-principals', { tenantId: customer.tenantId, appId: app.appId })
      .principals[0]?.objectId ?? '';

  test.each<[string, (cloud: Cloud) => unknown, string]>([
    [
      'a disabled key',
      ({ keys }) => keys.updateKeyProperties(NAME, { enabled: false }),
      'az keyvault key show --vault-name "$VAULT" --name "$KEY" --query attributes.enabled',
    ],
    [
      'a key for more than wrapping',
      ({ keys }) => keys.updateKeyProperties(NAME, { keyOps: ['wrapKey', 'unwrapKey', 'decrypt'] }),
      'az keyvault key show --vault-name "$VAULT" --name "$KEY" --query "sort(key.keyOps)"',
    ],
    [
      'a wider role, inherited from the vault',
      (it) =>
        it.emulator.administer('POST role-assignments', {
          scope: it.vault.resourceId,
          principalId: principalId(it),
          role: 'Key Vault Crypto User',
        }),
      'az role assignment list --assignee "$OBJECT_ID" --scope "$KEY_ID" --include-inherited \\',
    ],
    [
      'a role of that name that does more',
      ({ emulator, vault }) =>
        emulator.administer('POST roles', {
          name: ROLE,
          dataActions: [...AZURE_DATA_ACTIONS, 'Microsoft.KeyVault/vaults/keys/decrypt/action'],
          assignableScopes: [vault.resourceId.replace(/\/providers\/.*/, '')],
        }),
      'az role definition list --name "$ROLE" --scope "$GROUP_ID" \\',
    ],
    [
      'an app that was switched off',
      ({ emulator, customer, app }) =>
        emulator.administer('PATCH service-principals', {
          tenantId: customer.tenantId,
          appId: app.appId,
          enabled: false,
        }),
      'az ad sp show --id "$APP_ID" --query accountEnabled',
    ],
  ])('%s', async (_, undo, command) => {
    await undo(cloud);
    const { checks } = await carryOut(cloud, {}, { asksOnly: true });
    expect(failing(checks)).toEqual([command]);
  });
});

describe('what the text says of this customer', () => {
  const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
  const clientId = '11f988bf-86f1-41af-91ab-2d7cd011db47';
  const base: AzureSetUpInput = {
    externalId: EXTERNAL_ID,
    tenantId,
    key: KEY,
    app: { owner: 'operator', clientId, shared: true },
    egressRanges: [],
  };

  test('the key’s name stands where AWS has an external ID; the secret part of it appears nowhere', () => {
    const { text, keyName, keyNameToken } = azureSetUp(base);
    expect([keyName, keyNameToken]).toEqual([TOKEN, TOKEN]);
    expect(text).toContain(`it must contain ${TOKEN}`);
    expect(text).not.toContain(EXTERNAL_ID);
  });

  test('with an app of the organization’s own, or its own registration, no name is asked for', () => {
    const own = azureSetUp({ ...base, app: { owner: 'operator', clientId, shared: false } }).text;
    expect(own).toContain('one for your organization alone');
    const customers = azureSetUp({ ...base, app: { owner: 'customer', clientId: null } }).text;
    expect(customers).toContain('a registration of your own');
    expect(customers).toContain('{APP_ID:?');
    for (const text of [own, customers]) expect(text).not.toContain('must contain');
  });

  test.each([
    ['vault.azure.net', 'AzureCloud'],
    ['vault.usgovcloudapi.net', 'AzureUSGovernment'],
    ['vault.azure.cn', 'AzureChinaCloud'],
  ])('%s is of %s', (suffix, cloud) => {
    const { text } = azureSetUp({ ...base, key: `https://contoso-keys.${suffix}/keys/${TOKEN}` });
    expect(text).toContain(`az cloud set --name ${cloud} `);
    expect(text).toContain(`# -> https://contoso-keys.${suffix}/\n`);
  });

  test('without fixed addresses it says whom to ask, and adds no rule', () => {
    expect(azureSetUp(base).text).toContain('ask us for our addresses');
    expect(azureSetUp(base).text).not.toContain('network-rule');
  });

  test('the role is wrapping and unwrapping, and no action of the control plane', () => {
    expect(azureSetUp(base).roleDefinition).toMatchObject({
      Name: ROLE,
      Actions: [],
      DataActions: [
        'Microsoft.KeyVault/vaults/keys/unwrap/action',
        'Microsoft.KeyVault/vaults/keys/wrap/action',
      ],
    });
  });

  test('unset, what only the customer knows stops a script before anything is done', async () => {
    const asked: string[] = [];
    const { status } = await runText(azureSetUp(base).text, {}, async (args) => {
      asked.push(args.join(' '));
      return { status: 0, lines: [] };
    });
    expect(status).not.toBe(0);
    expect(asked).toEqual([]);
  });
});
