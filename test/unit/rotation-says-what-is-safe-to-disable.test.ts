import { EXIT } from '../../cli/exit-codes';
import type { Instant, KeyRef, KeyVersion, LedgerIndex } from '../../domain/ids';
import { createDesk, type Desk } from '../fakes/api/terminal';
import { operationAt } from '../fakes/api/workflows';
import { ACME, type ApiWorld, createApiWorld, NOW } from '../fakes/api/world';

let world: ApiWorld;
let desk: Desk;
beforeEach(async () => {
  world = await createApiWorld();
  desk = createDesk(world);
  const custody = { custody: 'customer', sealing: false, currentVersion: 2 } as never;
  world.acme.status = { ...world.acme.status, custody };
});
afterEach(async () => {
  desk.close();
  await world.close();
});

const ORG = ['--org', 'acme'];
const OLD = 'https://acme.vault.azure.net/keys/smsk/00000000000000000000000000000001' as KeyRef;
const NEW = 'https://acme.vault.azure.net/keys/smsk/00000000000000000000000000000002' as KeyRef;

function rotated(): void {
  world.acme.keys = {
    rotation: { ...operationAt(ACME, 'closed', NOW, 'rotate'), outcome: 'completed' },
    due: null,
    keyRefs: [
      {
        keyRef: OLD,
        live: [],
        retired: {
          index: 41 as LedgerIndex,
          at: '2026-05-01T10:00:00.000Z' as Instant,
          backupsExpireAt: '2026-06-05T10:00:00.000Z' as Instant,
        },
      },
      { keyRef: NEW, live: [1, 2] as KeyVersion[], retired: null },
    ],
  };
}

test('per version of the customer’s key: safe to disable since when, by which entry, and for backups too', async () => {
  rotated();
  expect(await world.client('customer-auditor').keys('acme')).toMatchObject({
    due: null,
    keyRefs: [
      {
        keyRef: OLD,
        live: [],
        safeToDisable: {
          since: '2026-05-01T10:00:00.000Z',
          ledgerIndex: 41,
          alsoForBackups: '2026-06-05T10:00:00.000Z',
        },
      },
      { keyRef: NEW, live: [1, 2], safeToDisable: null },
    ],
  });
  const { out } = await desk.smsk(['keys', ...ORG]);
  expect(out).toContain(`  ${OLD}\n    safe to disable since 2026-05-01T10:00:00.000Z (ledger 41)\n`);
  expect(out).toContain(
    '    safe to delete from 2026-06-05T10:00:00.000Z: until then a restored backup would need it\n',
  );
  expect(out).toContain(`  ${NEW}\n    in use: opens the workspace key’s version 1, 2; do not disable it\n`);
  const status = await desk.smsk(['status', ...ORG]);
  expect(status.out).toContain(`${OLD}: safe to disable (\`smsk keys\`)`);
  expect(status.out).not.toContain(`${NEW}: safe`);
});

test('`smsk rotate` sends what was asked for, signed, and says how it ended', async () => {
  const done = await desk.smsk(['rotate', ...ORG, '--new-key-version', '--reason', 'yearly']);
  expect(done).toMatchObject({
    exitCode: EXIT.ok,
    out: expect.stringContaining('acme: rotation completed\n'),
  });
  const [sent] = world.workflows.sent;
  expect(sent).toMatchObject({
    action: 'startRotation',
    message: { organization: 'acme', newKeyVersion: true, reason: 'yearly', actor: expect.any(String) },
  });
  world.workflows.endingAtStart = 'WRAP_DENIED';
  const refused = await desk.smsk(['rotate', ...ORG]);
  expect(refused.exitCode).toBe(EXIT.refused);
  expect(refused.out).toContain('acme: rotation refused\n  because   WRAP_DENIED:');
});

test('support and the customer’s admin may; in platform custody there’s nothing to rotate', async () => {
  const start = (role: Parameters<ApiWorld['request']>[0], org = 'acme') =>
    world.request(role, 'POST', `/v1/organizations/${org}/rotation`, { json: {} });
  expect((await start('customer-admin')).status).toBe(202);
  for (const role of ['customer-auditor', 'approver', 'sre', 'service', 'commerce'] as const)
    expect((await start(role)).body['code']).toBe('FORBIDDEN');
  expect((await start('support', 'globex')).body['code']).toBe('NOT_CUSTOMER_CUSTODY');
  const keyed = { json: { reason: '-----BEGIN PRIVATE KEY----- MC4CAQAwBQYDK2VwBCIEIA' } };
  const kept = await world.request('support', 'POST', '/v1/organizations/acme/rotation', keyed);
  expect(kept.body['code']).toBe('RAW_KEY_MATERIAL');
  expect(world.store.refusals.at(-1)).toMatchObject({ subject: 'rotation', code: 'RAW_KEY_MATERIAL' });
});
