import { createServer } from 'node:net';
import fc from 'fast-check';
import { webhookUrl } from '../../domain/webhook';
import { createWebhooks, type Webhooks } from '../../providers/notify/webhooks';
import { openReceiver, type Receiver } from '../fakes/webhook-receiver';
import { HOSTILE } from './ssrf/corpus';
import { shown, typed } from './ssrf/input';
import { type Sockets, watchSockets } from './ssrf/sockets';

const PUBLIC = '20.50.2.1';
const call = (url: string) => ({ url, headers: { 'webhook-id': 'msg_1' }, body: '{}' });

/** What somebody might register so that we connect inside, or say something to somebody that they didn't mean. */
const URLS = [
  ...[
    'http://siem.acme.example/',
    'HTTPS://siem.acme.example/',
    '//siem.acme.example/',
    'ftp://siem.acme.example/',
  ],
  ...['https://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://a.0x7f/'],
  ...[
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/',
    'https://10.0.0.1/',
  ],
  ...['https://localhost/', 'https://db.local/', 'https://metadata.google.internal/', 'https://siem/'],
  ...['https://siem.acme.example:8443/', 'https://siem.acme.example:443/', 'https://siem.acme.example:/'],
  ...[
    'https://user@siem.acme.example/',
    'https://siem.acme.example@evil.example/',
    'https://u:p@evil.example/',
  ],
  ...['https://siem.acme.example/#x', 'https://siem.acme.example', 'https://SIEM.acme.example/'],
  ...[
    'https://siem.acme.example/../x',
    'https://siem.acme.example/%2e%2e/x',
    'https://siem.acme.example/a/./b',
  ],
  ...[
    'https://siem.acme.example\\@evil.example/',
    'https://siem.acme.example/\\x',
    'https:siem.acme.example/',
  ],
  ...[
    'https://siem.acme.example/ x',
    'https://siem.acme.example/\n',
    'https://siem.acme.example/\r\nHost: x',
  ],
  ...[
    'https://siem.acme.example/\0',
    'https://siém.acme.example/',
    'https://siem。acme.example/',
    'https://-a.example/',
  ],
  ...[
    'https://a..example/',
    'https://.example/',
    `https://${'a'.repeat(64)}.example/`,
    'javascript:alert(1)',
    '',
  ],
  ...[
    `https://siem.acme.example/${'a'.repeat(500)}`,
    'https://siem.acme.example./',
    'https://xn--.example-/',
  ],
];

test.each(URLS.map((url) => [shown(url), url]))('%s isn’t registered', (_, url) => {
  expect(webhookUrl.safeParse(url).success).toBe(false);
});

test.each(HOSTILE.map((entry) => [shown(entry.text), entry]))(
  'of the corpus, %s: refused, or a plain name',
  (_, entry) => {
    const text = typed(entry, 4567);
    if (!webhookUrl.safeParse(text).success) return;
    expect(new URL(text).href).toBe(text);
    expect(new URL(text).port).toBe('');
  },
);

test('what is let in is one address for every parser', () => {
  const label = fc.stringMatching(/^[a-z0-9-]{1,10}$/);
  const like = fc
    .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), fc.string({ unit: 'binary-ascii' }))
    .map(([labels, path]) => `https://${labels.join('.')}/${path}`);
  fc.assert(
    fc.property(fc.oneof(like, fc.webUrl({ validSchemes: ['https'] })), (text) => {
      if (!webhookUrl.safeParse(text).success) return;
      const url = new URL(text);
      expect(url.href).toBe(text);
      expect([url.username, url.password, url.port, url.hash]).toEqual(['', '', '', '']);
      expect(url.hostname).toMatch(/[a-z]$|[a-z0-9-]$/);
    }),
    { numRuns: 2_000 },
  );
});

describe('past the grammar', () => {
  let sockets: Sockets;
  let resolved: { address: string; family: 4 | 6 }[] = [{ address: PUBLIC, family: 4 }];
  let webhooks: Webhooks;
  let reached = 0;
  const inside = createServer((socket) => {
    reached += 1;
    socket.destroy();
  });
  beforeAll(async () => {
    await new Promise<void>((done) => inside.listen(0, '127.0.0.1', done));
    sockets = watchSockets();
    webhooks = createWebhooks(null, async () => resolved, 2_000);
  });
  afterAll(async () => {
    sockets.restore();
    webhooks.close();
    await new Promise((done) => inside.close(done));
  });
  beforeEach(() => sockets.clear());

  test('a good name is asked for, at the one port', async () => {
    resolved = [{ address: PUBLIC, family: 4 }];
    await sockets.during(() => webhooks.post(call('https://siem.acme.example/x')));
    expect(sockets.connected).toEqual([PUBLIC]);
    expect(sockets.asked).toEqual(['siem.acme.example:443']);
  });

  test.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['100.64.0.1'],
    ['::1'],
    ['fd00::1'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::7f00:1'],
    ['0.0.0.0'],
  ])('a name that leads to %s is connected to nowhere', async (address) => {
    const family = address.includes(':') ? 6 : 4;
    resolved = [
      { address: PUBLIC, family: 4 },
      { address, family },
    ];
    const url = 'https://rebound.acme.example/';
    const handed = await sockets.during(() => webhooks.post(call(url)));
    expect(handed).toEqual({ verdict: 'later', statusClass: null });
    expect(sockets.connected).toEqual([]);
    expect(reached).toBe(0);
  });

  test.each(['https://127.0.0.1/', 'https://[::1]/', 'https://169.254.169.254/latest/meta-data/'])(
    '%s, were it in a row, reaches nobody',
    async (url) => {
      resolved = [{ address: PUBLIC, family: 4 }];
      const handed = await sockets.during(() => webhooks.post(call(url)));
      expect(handed).toEqual({ verdict: 'refused', statusClass: null });
      expect([sockets.connected, reached]).toEqual([[], 0]);
    },
  );
});

describe('of an answer', () => {
  const HOST = 'siem.acme.example';
  let receiver: Receiver;
  let webhooks: Webhooks;
  beforeAll(async () => {
    receiver = await openReceiver(HOST);
    webhooks = createWebhooks({ port: receiver.port, ca: receiver.ca }, undefined, 1_500);
  });
  afterAll(async () => {
    webhooks.close();
    await receiver.close();
  });
  beforeEach(() => {
    receiver.received.length = 0;
  });

  test.each([
    [200, 'accepted', 2],
    [204, 'accepted', 2],
    [301, 'later', 3],
    [307, 'later', 3],
    [308, 'later', 3],
    [400, 'later', 4],
    [404, 'later', 4],
    [410, 'refused', 4],
    [429, 'later', 4],
    [500, 'later', 5],
    [503, 'later', 5],
    ['hangs', 'later', null],
    ['breaks', 'later', null],
  ] as const)('%s: only its class is kept, and it leads nowhere', async (answer, verdict, statusClass) => {
    receiver.answers.push(answer);
    expect(await webhooks.post(call(`https://${HOST}/hook?a=b`))).toEqual({ verdict, statusClass });
    expect(receiver.received.map(({ path, host }) => [path, host])).toEqual([['/hook?a=b', HOST]]);
  });

  test('a receiver whose certificate is another’s gets nothing', async () => {
    expect(await webhooks.post(call('https://other.acme.example/'))).toMatchObject({ verdict: 'later' });
    expect(receiver.received).toEqual([]);
  });
});
