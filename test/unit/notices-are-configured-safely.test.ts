import { randomBytes } from 'node:crypto';
import { localReceiver } from '../../providers/egress/local-receiver';
import { notify, webhookKey } from '../../runtime/notify';

const smtp = { host: 'mail.novantra.example', port: 587, user: 'smsk', passwordFile: 'mail.password' };
const from = 'smsk@novantra.example';
const parse = (change: object) => notify.safeParse({ webhookKeyFile: 'webhook.key', ...change }).success;

test('without more than a key file nobody is mailed, and endpoints may be registered', () => {
  expect(notify.parse({ webhookKeyFile: 'webhook.key' })).toEqual({
    ...{ webhookKeyFile: 'webhook.key', smtp: null, receiver: null },
    operator: { mail: [], webhooks: [] },
  });
});

test.each<[string, object, boolean]>([
  ['STARTTLS', { smtp: { ...smtp, from, tls: 'starttls' } }, true],
  ['TLS from the first byte', { smtp: { ...smtp, from, tls: 'implicit' } }, true],
  ['no TLS', { smtp: { ...smtp, from, tls: 'none' } }, false],
  ['TLS left out', { smtp: { ...smtp, from } }, false],
  ['a password in place of its file', { smtp: { ...smtp, from, tls: 'implicit', password: 'x' } }, false],
  [
    'a sender with a second header',
    { smtp: { ...smtp, from: `${from}\r\nBcc: x@y.example`, tls: 'implicit' } },
    false,
  ],
  ['our own endpoint inside', { operator: { webhooks: [hook('https://127.0.0.1/')] } }, false],
  ['our own endpoint', { operator: { webhooks: [hook('https://hooks.novantra.example/')] } }, true],
])('%s', (_, change, isTaken) => {
  expect(parse(change)).toBe(isTaken);
});

function hook(url: string) {
  return { id: 'siem', url, secretFile: 'siem.secret' };
}

test('a webhook key is 32 bytes in base64url; any other text is refused, without a word of it', () => {
  const bytes = randomBytes(32);
  expect(Buffer.from(webhookKey(bytes.toString('base64url')))).toEqual(bytes);
  for (const text of [
    '',
    'short',
    randomBytes(31).toString('base64url'),
    `${bytes.toString('base64')}`,
    ' x ',
  ])
    expect(() => webhookKey(text)).toThrow('notify.webhookKeyFile must hold 32 bytes in base64url');
});

test.each([
  'http://127.0.0.1:8443',
  'https://127.0.0.1',
  'https://127.0.0.1:0',
  'https://127.0.0.1:8443/',
  'https://a.example:8443',
  'https://127.0.0.1:99999',
])('%s is no receiver on this machine', (url) => {
  expect(() => localReceiver(url, 'ca')).toThrow('notify.receiver.url');
});

test('a receiver on this machine', () => {
  expect(localReceiver('https://127.0.0.1:8443', 'ca')).toEqual({ port: 8443, ca: 'ca' });
});
