import { type Cloud, refusal, startCloud, wrapAndUnwrap } from './cloud';

describe('the audit trail', () => {
  let cloud: Cloud;
  let kid: string;
  let assignment: string;
  const plain = Buffer.from('secret-plaintext-of-thirty-two-b');

  beforeAll(async () => {
    cloud = await startCloud();
    kid = (await cloud.keys.createKey('root', 'RSA', { keySize: 2048 })).id ?? '';
    cloud.emulator.administer('POST roles', wrapAndUnwrap);
    assignment = grant();
  });
  afterAll(() => cloud.close());

  const grant = (): string =>
    cloud.emulator.administer('POST role-assignments', {
      scope: cloud.vault.resourceId,
      principalId: cloud.app.objectId,
      role: wrapAndUnwrap.name,
    }).id;
  const client = (): ReturnType<Cloud['crypto']> =>
    cloud.crypto(kid, cloud.byCertificate(cloud.customer.tenantId));
  const diagnostics = (on: boolean): unknown =>
    cloud.emulator.administer('PATCH vaults', { name: cloud.vault.name, diagnostics: on });

  it('is kept only while the customer has switched diagnostics on', async () => {
    await client().wrapKey('RSA-OAEP-256', plain);
    expect(cloud.emulator.trail()).toEqual([]);
    diagnostics(true);
    await client().wrapKey('RSA-OAEP-256', plain);
    expect(cloud.emulator.trail().map((r) => r.operationName)).toEqual(['VaultPatch', 'KeyWrap', 'KeyWrap']);
    diagnostics(false);
    const from = cloud.emulator.lastSequence();
    await client().wrapKey('RSA-OAEP-256', plain);
    expect(cloud.emulator.trail(from)).toEqual([]);
    diagnostics(true);
  });

  it('looks like AuditEvent, and tells who, what and under which request id', async () => {
    const crypto = client();
    const { result } = await crypto.wrapKey('RSA-OAEP-256', plain);
    const from = cloud.emulator.lastSequence();
    let requestId: string | undefined;
    await crypto.unwrapKey('RSA-OAEP-256', result, {
      requestOptions: { headers: { 'x-ms-client-request-id': 'c0ffee00-0000-4000-8000-000000000002' } },
      onResponse: (response) => {
        requestId = response.headers.get('x-ms-request-id');
      },
    });
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(cloud.emulator.trail(from)).toEqual([
      {
        sequence: from + 1,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        category: 'AuditEvent',
        resourceId: cloud.vault.resourceId.toUpperCase(),
        operationName: 'KeyUnwrap',
        operationVersion: expect.any(String),
        resultType: 'Success',
        resultSignature: 'OK',
        resultDescription: '',
        durationMs: '0',
        callerIpAddress: '127.0.0.1',
        correlationId: 'c0ffee00-0000-4000-8000-000000000002',
        identity: {
          claim: {
            'http://schemas.microsoft.com/identity/claims/objectidentifier': cloud.app.objectId,
            appid: cloud.app.appId,
          },
        },
        properties: {
          clientInfo: expect.stringContaining('azsdk-js'),
          requestUri: expect.stringContaining(`${kid}/unwrapkey?`),
          httpStatusCode: 200,
          id: kid,
          algorithm: 'RSA-OAEP-256',
        },
      },
    ]);
  });

  it('holds neither values nor credentials', async () => {
    const { result } = await client().wrapKey('RSA-OAEP-256', plain);
    await client().unwrapKey('RSA-OAEP-256', result);
    const all = JSON.stringify(cloud.emulator.trail());
    expect(all).not.toContain(plain.toString('base64url'));
    expect(all).not.toContain(Buffer.from(result).toString('base64url'));
    expect(all).not.toContain('eyJ');
  });

  it('records the challenge and refusals with their status', async () => {
    cloud.emulator.administer('DELETE role-assignments', { id: assignment });
    const from = cloud.emulator.lastSequence();
    await refusal(client().unwrapKey('RSA-OAEP-256', plain));
    expect(
      cloud.emulator
        .trail(from)
        .map((r) => [r.operationName, r.resultType, r.resultSignature, 'claim' in r.identity]),
    ).toEqual([
      ['KeyUnwrap', 'Failed', 'Unauthorized', false],
      ['KeyUnwrap', 'Failed', 'Forbidden', true],
    ]);
    assignment = grant();
  });

  it('orders uses and off-switches: nothing succeeds between a switch off and the next switch on', async () => {
    const crypto = client();
    const { result } = await crypto.wrapKey('RSA-OAEP-256', plain);
    const from = cloud.emulator.lastSequence();
    let running = true;
    const use = async (): Promise<void> => {
      while (running) await crypto.unwrapKey('RSA-OAEP-256', result).catch(() => undefined);
    };
    const users = [use(), use(), use()];
    const off: [number, number][] = [];
    for (let i = 0; i < 5; i += 1) {
      await cloud.keys.updateKeyProperties('root', { enabled: false });
      await cloud.keys.updateKeyProperties('root', { enabled: true });
      const { afterSequence: removed } = cloud.emulator.administer('DELETE role-assignments', {
        id: assignment,
      });
      await cloud.keys.getKey('root');
      assignment = grant();
      off.push([removed, cloud.emulator.lastSequence()]);
    }
    running = false;
    await Promise.all(users);
    let enabled = true;
    let switches = 0;
    for (const row of cloud.emulator.trail(from)) {
      if (row.operationName === 'KeyUpdate' && row.resultType === 'Success') {
        enabled = !enabled;
        switches += 1;
      }
      if (row.operationName === 'KeyUnwrap' && row.resultType === 'Success') {
        expect(enabled).toBe(true);
        expect(off.some(([a, b]) => row.sequence > a && row.sequence <= b)).toBe(false);
      }
    }
    expect(switches).toBe(10);
  });
});
