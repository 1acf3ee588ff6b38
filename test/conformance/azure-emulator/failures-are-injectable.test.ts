import { ask, type Cloud, refusal, startCloud, wrapAndUnwrap } from './cloud';

describe('injected failures', () => {
  let cloud: Cloud;
  let kid: string;
  const plain = Buffer.alloc(32, 7);

  beforeAll(async () => {
    cloud = await startCloud();
    kid = (await cloud.keys.createKey('root', 'RSA', { keySize: 2048 })).id ?? '';
    cloud.emulator.administer('POST roles', wrapAndUnwrap);
    cloud.emulator.administer('POST role-assignments', {
      scope: cloud.vault.resourceId,
      principalId: cloud.app.objectId,
      role: wrapAndUnwrap.name,
    });
    cloud.emulator.administer('PATCH vaults', { name: cloud.vault.name, diagnostics: true });
  });
  afterAll(() => cloud.close());
  afterEach(() => cloud.emulator.clearFaults());

  const client = (): ReturnType<Cloud['crypto']> =>
    cloud.crypto(kid, cloud.byCertificate(cloud.customer.tenantId));
  const wrap = (): Promise<unknown> => client().wrapKey('RSA-OAEP-256', plain);
  const hit = async (id: string): Promise<void> => {
    while (cloud.emulator.hitsOf(id) === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  const wraps = (from: number): number =>
    cloud.emulator.trail(from).filter((r) => r.operationName === 'KeyWrap' && r.resultType === 'Success')
      .length;

  it('an error of the vault, once, and not for the challenge', async () => {
    const from = cloud.emulator.lastSequence();
    const id = cloud.emulator.inject({
      match: { service: 'vault', action: 'KeyWrap', key: 'root' },
      effect: {
        kind: 'error',
        status: 403,
        code: 'Forbidden',
        inner: 'ForbiddenByConnection',
        message: 'secret-marker',
      },
      count: 1,
    });
    expect(await refusal(wrap())).toMatchObject({ status: 403, inner: 'ForbiddenByConnection' });
    await wrap();
    expect(cloud.emulator.hitsOf(id)).toBe(1);
    const rows = cloud.emulator.trail(from).filter((r) => r.properties.httpStatusCode === 403);
    expect(rows.map((r) => [r.operationName, r.resultSignature, r.properties.injectedFault])).toEqual([
      ['KeyWrap', 'Forbidden', id],
    ]);
    expect(JSON.stringify(rows)).not.toContain('secret-marker');
  });

  it('throttling, with when to come again', async () => {
    cloud.emulator.inject({
      match: { service: 'vault' },
      effect: { kind: 'error', status: 429, code: 'Throttled', headers: { 'retry-after': '2' } },
    });
    const token = await cloud
      .byCertificate(cloud.customer.tenantId)
      .getToken('https://vault.azure.net/.default');
    const answer = await ask(cloud.agent(), `${kid}?api-version=7.6`, {
      headers: { authorization: `Bearer ${token?.token}` },
    });
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '2']);
  });

  it('an error of Entra, with any number and OAuth error', async () => {
    cloud.emulator.inject({
      match: { service: 'entra', action: 'Token', appId: cloud.app.appId },
      effect: { kind: 'error', status: 400, code: 'AADSTS90099', oauth: 'invalid_grant', message: 'New.' },
    });
    const refused = await refusal(wrap());
    expect(refused.message).toMatch(/AADSTS90099/);
    expect(cloud.emulator.counters()['entra:Token']).toMatchObject({ AADSTS90099: 1 });
  });

  it('a reset before: nothing happened; a reset after: it happened and the answer is lost', async () => {
    const from = cloud.emulator.lastSequence();
    const match = { action: 'KeyWrap' } as const;
    cloud.emulator.inject({ match, effect: { kind: 'reset' }, count: 1 });
    await expect(wrap()).rejects.toThrow();
    expect(wraps(from)).toBe(0);
    cloud.emulator.inject({ match, effect: { kind: 'reset', when: 'after' }, count: 1 });
    await expect(wrap()).rejects.toThrow();
    expect(wraps(from)).toBe(1);
  });

  it('a malformed answer, which this SDK takes for an empty one', async () => {
    cloud.emulator.inject({ match: { action: 'KeyWrap' }, effect: { kind: 'malformed' }, count: 1 });
    expect(await wrap()).toMatchObject({ result: undefined });
  });

  it('a hang that the caller ends', async () => {
    const id = cloud.emulator.inject({ match: { action: 'KeyWrap' }, effect: { kind: 'hang' }, count: 1 });
    const abort = new AbortController();
    const hung = client().wrapKey('RSA-OAEP-256', plain, { abortSignal: abort.signal });
    await hit(id);
    abort.abort();
    await expect(hung).rejects.toThrow();
  });

  it('a hold that decides only when it is released', async () => {
    const from = cloud.emulator.lastSequence();
    const held = cloud.emulator.inject({ match: { action: 'KeyWrap' }, effect: { kind: 'hold' } });
    const waiting = wrap();
    await hit(held);
    await cloud.keys.getKey('root');
    expect(wraps(from)).toBe(0);
    cloud.emulator.clearFaults(held);
    await waiting;
    expect(wraps(from)).toBe(1);
  });

  it('delays go through the injected sleep', async () => {
    const slept: number[] = [];
    const slow = await startCloud({
      latencyMs: 9,
      sleep: async (ms) => {
        slept.push(ms);
      },
    });
    await ask(slow.agent(), slow.vault.vaultUri);
    expect(slept).toEqual([4, 5]);
    await slow.close();
  });
});
