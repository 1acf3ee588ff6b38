import { randomBytes } from 'node:crypto';
import { payloadFaultIn } from '../../domain/intake/payload-fault';
import { createPayloadCodec } from '../../runtime/payload-codec';
import { API_URL, type ApiWorld, createApiWorld, TOKENS, UI_ORIGIN } from '../fakes/api/world';
import { TEST_SEALING } from '../fakes/sealing';

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.log.length = 0;
});

interface Json {
  readonly metadata: Record<string, string>;
  readonly data: string;
}
const base64 = (text: string) => Buffer.from(text).toString('base64');
const typed = (text: string, encoding = 'json/plain'): Json => ({
  metadata: { encoding: base64(encoding) },
  data: base64(text),
});
const fromUi = { origin: UI_ORIGIN, 'x-namespace': 'default' };
const post = (path: string, payloads: readonly Json[], headers: Record<string, string> = fromUi) =>
  world.request(null, 'POST', `/codec${path}`, { json: { payloads }, headers });
const payloadsIn = ({ body }: { body: Record<string, unknown> }) => body['payloads'] as Json[];
/** As a worker finds it. */
async function atTheWorker(payload: Json | undefined): Promise<unknown> {
  const [decoded] = await createPayloadCodec(TEST_SEALING).decode([
    {
      metadata: Object.fromEntries(
        Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
      ),
      data: Buffer.from(payload?.data ?? '', 'base64'),
    },
  ]);
  return JSON.parse(Buffer.from(decoded?.data ?? []).toString());
}

describe('/encode', () => {
  it('seals what a person typed', async () => {
    const answer = await post('/encode?preserveStorageRefs=true', [typed('{"organization":"acme"}')]);
    expect(answer.status).toBe(200);
    const [sealed] = payloadsIn(answer);
    expect(sealed?.metadata['encoding']).toBe(base64('binary/smsk-sealed'));
    expect(await atTheWorker(sealed)).toEqual({ organization: 'acme' });
  });

  it('key material becomes a marker: neither the answer, nor what the worker finds, nor the log holds it', async () => {
    const secret = `AccountKey=${randomBytes(64).toString('base64')}`;
    const pem = `-----BEGIN PRIVATE KEY-----\n${randomBytes(90).toString('base64')}\n-----END PRIVATE KEY-----`;
    for (const note of [pem, `${secret} ${pem}`]) {
      const answer = await post('/encode', [typed(JSON.stringify({ organization: 'acme', note }))]);
      expect(answer.status).toBe(200);
      const found = await atTheWorker(payloadsIn(answer)[0]);
      expect(payloadFaultIn(found)).toMatchObject({
        kind: 'key-material',
        field: 'input/note',
        length: note.length,
      });
      const kept = JSON.stringify([found, answer.text, world.log]);
      for (const part of note.split(/\s+/).filter((each) => each.length > 30)) {
        expect(kept).not.toContain(part);
        expect(kept).not.toContain(base64(part).slice(4, 40));
      }
    }
    expect(world.log.filter(({ event }) => event === 'codec.refused')).toMatchObject([
      { channel: 'temporal-ui', field: 'input/note', namespace: 'default', actor: null },
      { channel: 'temporal-ui', field: 'input/note' },
    ]);
  });

  it.each([
    ['no JSON', typed('{"organization":')],
    ['a protocol message', typed('{}', 'json/protobuf')],
    ['bytes', typed('abc', 'binary/plain')],
    ['something sealed already', typed('abc', 'binary/smsk-sealed')],
    ['a marker', typed('{"smsk:payload-fault":{"kind":"unsealed"}}')],
    ['what is nested too deeply', typed(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
    ['no UTF-8', { metadata: { encoding: base64('json/plain') }, data: '/////w==' }],
  ])('%s becomes a marker, which no workflow chokes on', async (_, payload) => {
    const answer = await post('/encode', [payload]);
    expect(answer.status).toBe(200);
    const [sealed] = payloadsIn(answer);
    const found = payloadFaultIn(await atTheWorker(sealed));
    // What can't be looked through is taken for what it may hide.
    expect(found?.kind).toMatch(/^(malformed|key-material)$/);
  });

  it('metadata of the person’s own isn’t kept', async () => {
    const payload = {
      metadata: { encoding: base64('json/plain'), note: base64('secret') },
      data: base64('1'),
    };
    const answer = await post('/encode', [payload]);
    expect(await atTheWorker(payloadsIn(answer)[0])).toBe(1);
  });

  it('more than its limit, and what isn’t payloads, is refused', async () => {
    expect((await post('/encode', [typed(`"${'x'.repeat(300_000)}"`)])).status).toBe(413);
    expect((await world.request(null, 'POST', '/codec/encode', { json: { payloads: 7 } })).status).toBe(400);
  });
});

describe('/decode', () => {
  const sealed = async () => payloadsIn(await post('/encode', [typed('{"organization":"acme"}')]));

  it.each(['support', 'sre'] as const)('%s reads, and it is logged', async (role) => {
    const payloads = await sealed();
    const answer = await world.request(role, 'POST', '/codec/decode', {
      json: { payloads },
      headers: fromUi,
    });
    expect(answer.status).toBe(200);
    expect(Buffer.from(payloadsIn(answer)[0]?.data ?? '', 'base64').toString()).toBe(
      '{"organization":"acme"}',
    );
    expect(world.log).toContainEqual(
      expect.objectContaining({
        event: 'codec.decoded',
        actor: { kind: role, name: `${role}-1` },
        namespace: 'default',
        payloads: 1,
      }),
    );
  });

  it.each(['customer-admin', 'customer-auditor', 'approver', 'service', 'commerce'] as const)(
    '%s doesn’t',
    async (role) => {
      const payloads = await sealed();
      const answer = await world.request(role, 'POST', '/codec/decode', {
        json: { payloads },
        headers: fromUi,
      });
      expect(answer.status).toBe(403);
      expect(answer.text).not.toContain('acme');
      expect(answer.headers.get('access-control-allow-origin')).toBe(UI_ORIGIN);
    },
  );

  it('nobody doesn’t', async () => {
    const answer = await post('/decode', await sealed());
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI_ORIGIN);
    expect(answer.body).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(world.log.filter(({ event }) => event === 'codec.decoded')).toEqual([]);
  });

  it('what came past the codec isn’t shown; a search attribute is', async () => {
    const attribute = {
      metadata: { encoding: base64('json/plain'), type: base64('Keyword') },
      data: base64('"acme"'),
    };
    const payloads = [typed('"past the codec"'), attribute];
    const answer = await world.request('sre', 'POST', '/codec/decode', { json: { payloads } });
    const [first, second] = payloadsIn(answer);
    expect(Buffer.from(first?.data ?? '', 'base64').toString()).not.toContain('past the codec"');
    expect(second).toEqual(attribute);
  });
});

describe('other origins', () => {
  it('the Web UI’s preflight is answered', async () => {
    const answer = await fetch(`${world.url}/codec/decode`, {
      method: 'OPTIONS',
      headers: {
        origin: UI_ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-namespace',
      },
    });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': UI_ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      vary: 'Origin',
    });
  });

  it.each(['https://evil.test', 'null', `${UI_ORIGIN}.evil.test`, 'http://temporal.novantra.test'])(
    '%s gets nothing',
    async (origin) => {
      for (const method of ['OPTIONS', 'POST'] as const) {
        const answer = await fetch(`${world.url}/codec/decode`, {
          method,
          headers: { origin, authorization: `Bearer ${TOKENS.sre}`, 'content-type': 'application/json' },
          ...(method === 'POST' ? { body: '{"payloads":[]}' } : {}),
        });
        expect(answer.status).toBe(403);
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      }
    },
  );
});

describe('sign-in', () => {
  const signIn = (token: string, origin = API_URL) =>
    world.request(null, 'POST', '/codec/sign-in', {
      body: new URLSearchParams({ token }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      redirect: 'manual',
    });
  const cookieOf = (answer: { headers: Headers }) =>
    (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const reads = async (cookie: string) => {
    const payloads = payloadsIn(await post('/encode', [typed('1')]));
    return (await post('/decode', payloads, { ...fromUi, cookie })).status;
  };

  it('exchanges a token for a cookie that reads, for an hour', async () => {
    const answer = await signIn(TOKENS.support);
    expect(answer.status).toBe(303);
    const header = answer.headers.get('set-cookie') ?? '';
    expect(header).toMatch(/; Path=\/codec; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$/);
    expect(header).not.toContain(TOKENS.support);
    const cookie = cookieOf(answer);
    expect(await reads(cookie)).toBe(200);
    const before = world.clock.now;
    world.clock.now = new Date(Date.parse(before) + 3_600_001).toISOString() as typeof before;
    expect(await reads(cookie)).toBe(401);
    world.clock.now = before;
  });

  it('a revoked token’s cookie reads nothing', async () => {
    world.store.addToken('passing-token-0123456789', { role: 'sre', name: 'sre-2', organization: null });
    const cookie = cookieOf(await signIn('passing-token-0123456789'));
    expect(await reads(cookie)).toBe(200);
    world.store.removeToken('passing-token-0123456789');
    expect(await reads(cookie)).toBe(401);
  });

  it('a forged or foreign cookie reads nothing', async () => {
    const cookie = cookieOf(await signIn(TOKENS.sre));
    const [payload] = payloadsIn(await post('/encode', [typed('{"sha256":"x","until":9e15}')]));
    const data = Buffer.from(payload?.data ?? '', 'base64').toString('base64url');
    for (const forged of ['smsk_codec=', 'smsk_codec=test.AAAA', `${cookie}A`, `smsk_codec=test.${data}`])
      expect(await reads(forged)).toBe(401);
  });

  it('other tokens, and other sites’ forms, get none', async () => {
    for (const [answer, status] of [
      [await signIn(TOKENS['customer-admin']), 403],
      [await signIn('not-a-token-of-anybody-1'), 401],
      [await signIn('<script>alert(1)</script>'), 401],
      [await signIn(TOKENS.sre, 'https://evil.test'), 403],
      [await signIn(TOKENS.sre, UI_ORIGIN), 403],
    ] as const) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(answer.text).not.toContain('alert(1)');
    }
  });

  it('the page runs no script and is shown in no frame', async () => {
    const answer = await world.request(null, 'GET', '/codec/sign-in');
    expect(answer.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(answer.text).not.toContain('<script');
  });
});
