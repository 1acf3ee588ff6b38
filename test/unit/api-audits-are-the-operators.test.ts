import { auditText } from '../../cli/words/audit';
import { AUDIT_CODES } from '../../domain/audit';
import { AUDIT_WORDS } from '../../domain/audit-words';
import { type ApiWorld, BEHIND, createApiWorld } from '../fakes/api/world';

const FOUND = {
  at: '2026-06-01T00:00:00.000Z',
  wholeAt: null,
  findings: [{ finding: 'rolled-back', by: 'signer', entries: 3, known: 5 }],
} as never;

describe('the API', () => {
  let world: ApiWorld;
  afterEach(() => world.close());

  test('staff sees what the latest audit found, in words, on the status too; a customer doesn’t', async () => {
    world = await createApiWorld();
    world.store.lastAuditFound = FOUND;
    const asked = await world.request('sre', 'GET', '/v1/organizations/acme/audit');
    expect(asked.body).toEqual({
      at: '2026-06-01T00:00:00.000Z',
      wholeAt: null,
      findings: [
        {
          finding: 'rolled-back',
          about: { by: 'signer', entries: 3, known: 5 },
          ...AUDIT_WORDS['rolled-back'],
        },
      ],
    });
    const status = (role: 'support' | 'customer-admin') =>
      world.request(role, 'GET', '/v1/organizations/acme/status');
    expect((await status('support')).body).toMatchObject({ audit: asked.body });
    expect((await status('customer-admin')).body).toMatchObject({ audit: null });
    expect((await world.request('customer-admin', 'GET', '/v1/organizations/acme/audit')).status).toBe(403);
    const text = auditText('acme', asked.body as never);
    expect(text).toContain('rolled-back');
    expect(text).toContain('run smsk-restore');
  });

  test('one can be asked for while the database is behind', async () => {
    world = await createApiWorld({ behind: BEHIND });
    const asked = await world.request('sre', 'POST', '/v1/organizations/acme/audit');
    expect([asked.status, asked.body['organization']]).toEqual([202, 'acme']);
    expect((await world.request('sre', 'GET', '/v1/organizations/acme/audit')).body['findings']).toEqual([]);
    expect(
      (await world.request('support', 'GET', '/v1/organizations/acme/status')).body['behind'],
    ).toMatchObject({
      relation: 'behind',
      entries: 3,
      signedEntries: 5,
    });
    expect((await world.request(null, 'GET', '/readyz')).body).toMatchObject({
      status: 'degraded',
      parts: { ledgers: 'behind' },
    });
  });
});

test('every finding has its code and its words', () => {
  expect(Object.keys(AUDIT_WORDS).sort()).toEqual(Object.keys(AUDIT_CODES).sort());
});
