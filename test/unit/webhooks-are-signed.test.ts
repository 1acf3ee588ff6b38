import { execFileSync } from 'node:child_process';
import { hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { type EndpointId, instantOf, type OrganizationId } from '../../domain/ids';
import { endpointSecret, webhookBody, webhookCall } from '../../domain/webhook';
import { toldOf } from './notices/facts';

const MASTER = new Uint8Array(32).fill(5);
const ACME = '6f1c1d2e-0000-4000-8000-000000000001' as OrganizationId;
const GLOBEX = '6f1c1d2e-0000-4000-8000-000000000002' as OrganizationId;
const ONE = '5b1c9f0e-0000-4000-8000-000000000001' as EndpointId;
const TWO = '5b1c9f0e-0000-4000-8000-000000000002' as EndpointId;
const SECRET = endpointSecret(MASTER, ACME, ONE);
const BODY = webhookBody(toldOf(), 'msg_1');
const call = (body = BODY) =>
  webhookCall('https://siem.acme.example/', SECRET, 'msg_1', instantOf(Date.now()), body);

test('the reference verifier takes it, and reads what was sent', () => {
  const { headers, body } = call();
  expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ type: 'incident.opened' });
});

test.each([
  ['the body', (body: string) => body.replace('KEY_DISABLED', 'KEY_ENABLED_'), {}],
  ['the id', (body: string) => body, { 'webhook-id': 'msg_2' }],
  ['the time', (body: string) => body, { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 60) }],
  ['an old time', (body: string) => body, { 'webhook-timestamp': '1700000000' }],
])('%s changed: it doesn’t', (_, change, headers) => {
  const sent = call();
  const verify = () => new Webhook(SECRET).verify(change(sent.body), { ...sent.headers, ...headers });
  expect(verify).toThrow(WebhookVerificationError);
});

test('another endpoint’s or organization’s secret is another, and tells nothing of this one', () => {
  const secrets = [SECRET, endpointSecret(MASTER, ACME, TWO), endpointSecret(MASTER, GLOBEX, ONE)];
  expect(new Set(secrets).size).toBe(3);
  const { headers, body } = call();
  for (const other of secrets.slice(1))
    expect(() => new Webhook(other).verify(body, headers)).toThrow(WebhookVerificationError);
});

test('a secret is HKDF-SHA256 of the key, organization and endpoint (RFC 5869), by another implementation too', () => {
  const info = `smsk-webhook/v1\0${ACME}\0${ONE}`;
  const derived = Buffer.from(hkdfSync('sha256', MASTER, new Uint8Array(), info, 32)).toString('base64');
  expect(SECRET).toBe(`whsec_${derived}`);
});

/** The page shows how to check a signature by hand: what it shows is what is run here. */
describe('docs/NOTIFICATIONS.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/NOTIFICATIONS.md'), 'utf8');
  const block = (language: string) =>
    new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
  const environment = ({ headers, body }: ReturnType<typeof call>) => ({
    ...{ PATH: process.env.PATH, SECRET, BODY: body },
    ...{ ID: headers['webhook-id'], TIMESTAMP: headers['webhook-timestamp'] },
    SIGNATURE: headers['webhook-signature'],
  });

  test.each([
    ['sh', 'bash', '-c'],
    ['python', 'python3', '-c'],
  ])('%s: says whether it is ours', (language, command, flag) => {
    const run = (env: Record<string, string | undefined>) =>
      execFileSync(command, [flag, block(language)], {
        env: env as NodeJS.ProcessEnv,
        encoding: 'utf8',
      }).trim();
    expect(block(language)).not.toBe('');
    expect(run(environment(call()))).toBe('ours');
    expect(run({ ...environment(call()), BODY: `${BODY} ` })).toBe('not ours');
    expect(run({ ...environment(call()), SIGNATURE: 'v1,AAAA' })).toBe('not ours');
  });
});
