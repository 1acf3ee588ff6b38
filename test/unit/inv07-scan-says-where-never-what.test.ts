import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import { EXIT } from '../../cli/exit-codes';
import { createDesk, type Desk } from '../fakes/api/terminal';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

let world: ApiWorld;
let desk: Desk;
beforeAll(async () => {
  world = await createApiWorld();
  desk = createDesk(world);
});
afterAll(async () => {
  desk.close();
  await world.close();
});

const nothingLeaves: typeof fetch = () => Promise.reject(new Error('a request'));
const offline = { env: { url: null, tokenFile: null }, fetch: nothingLeaves };
const scan = (...files: string[]) => desk.smsk(['scan', ...files], offline);

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const DER = privateKey.export({ type: 'pkcs8', format: 'der' });
const HEX = randomBytes(32).toString('hex');
/** Whether any eight characters of a secret's middle are in what was said. */
const leaks = (said: { out: string; err: string }, secret: string): boolean => {
  const middle = secret.replace(/-----[^-]*-----|\s/g, '').slice(8, -8);
  for (let at = 0; at + 8 <= middle.length; at++)
    if ((said.out + said.err).includes(middle.slice(at, at + 8))) return true;
  return false;
};

const boundary = 'smsk-part';
const mail = (...parts: string[]): string =>
  [
    'From: Jo Doe <jo@acme.example>',
    'To: support@novantra.example',
    'Subject: our set-up',
    'Message-ID: <CA+k3y8Jm2Q0v1x9ZtYb7Lw4hRn6sPdFgUeXc5Aa@mail.gmail.com>',
    `DKIM-Signature: v=1; a=rsa-sha256; bh=${randomBytes(32).toString('base64')}; b=${randomBytes(128).toString('base64')}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    ...parts.flatMap((part) => [`--${boundary}`, part]),
    `--${boundary}--`,
    '',
  ].join('\r\n');
const attachment = (type: string, bytes: Uint8Array): string =>
  `Content-Type: ${type}; name="a"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n${(
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n')}`;

test('0: nothing found, and said so', async () => {
  const file = desk.file(
    'ticket.txt',
    `Please use arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11\n`,
  );
  expect(await scan(file)).toMatchObject({ exitCode: EXIT.ok, out: 'nothing found in 1 file\n', err: '' });
});

test('6: a text: file, line, detector, length', async () => {
  const file = desk.file('note.txt', `Hello,\n\nthe key is ${HEX}\nand\n${PEM}bye\n`);
  const said = await scan(file);
  expect(said.exitCode).toBe(EXIT.found);
  expect(said.out).toMatch(/note\.txt:3 {2}hex-key {2}64\n\S+note\.txt:5 {2}pem {6}\d+\n2 found in 1 file/);
  expect([leaks(said, HEX), leaks(said, PEM)]).toEqual([false, false]);
});

test('6: JSON, as text of any layout, and as a list of bytes', async () => {
  const jwk = privateKey.export({ format: 'jwk' });
  const file = desk.file(
    'export.json',
    JSON.stringify({ a: { b: [jwk] }, bytes: [...randomBytes(32)] }, null, 2),
  );
  const said = await desk.smsk(['scan', '--json', file], offline);
  expect(said.exitCode).toBe(EXIT.found);
  const finds = said.json.found as { detector: string; line: number }[];
  expect(finds.map(({ detector }) => detector)).toEqual(['jwk', 'byte-list']);
  expect(leaks(said, jwk.d ?? '')).toBe(false);
});

test.each([
  [
    'its text',
    () => mail(`Content-Type: text/plain; charset=utf-8\r\n\r\nthe key: ${HEX}`),
    'text',
    'hex-key',
  ],
  [
    'quoted-printable text',
    () =>
      mail(
        `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nder Schl=C3=BCssel: ${HEX.slice(0, 30)}=\r\n${HEX.slice(30)}`,
      ),
    'text',
    'hex-key',
  ],
  [
    'its HTML, with tags in between',
    () => mail(`Content-Type: text/html\r\n\r\n<p>key <b>${HEX.slice(0, 20)}</b>${HEX.slice(20)}</p>`),
    'HTML',
    'hex-key',
  ],
  ['a text attached', () => mail(attachment('text/plain', Buffer.from(PEM))), 'attachment 1', 'pem'],
  [
    'a DER attached',
    () => mail(attachment('application/octet-stream', DER)),
    'attachment 1',
    'der-private-key',
  ],
  [
    'a mail attached',
    () => mail(attachment('message/rfc822', Buffer.from(mail(attachment('text/plain', Buffer.from(PEM)))))),
    'attachment 1',
    'pem',
  ],
])('6: a mail: %s', async (_, eml, part, detector) => {
  const said = await scan(desk.file('m.eml', eml()));
  expect(said).toMatchObject({ exitCode: EXIT.found, out: expect.stringContaining(`m.eml (${part}`) });
  expect(said.out).toContain(detector);
  expect([leaks(said, HEX), leaks(said, PEM)]).toEqual([false, false]);
});

test('0: a mail’s own signatures and ids are no finds, nor is its logo', async () => {
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(400)]);
  const eml = mail(
    `Content-Type: text/plain\r\n\r\nAll done.\r\nJo Doe, acme GmbH`,
    attachment('image/png', png),
  );
  expect(await scan(desk.file('plain.eml', eml))).toMatchObject({ exitCode: EXIT.ok });
});

test('6: binary keys and key stores, other encodings, standard input', async () => {
  const der = desk.file('k.der');
  writeFileSync(der, DER);
  expect((await scan(der)).out).toContain('k.der:1  der-private-key');
  const wide = desk.file('wide.txt');
  writeFileSync(wide, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(PEM, 'utf16le')]));
  expect((await scan(wide)).exitCode).toBe(EXIT.found);
  const said = await desk.smsk(['scan', '-'], { ...offline, stdin: Buffer.from(`x\n${HEX}\n`) });
  expect(said).toMatchObject({ exitCode: EXIT.found, out: expect.stringContaining('-:2  hex-key  64') });
});

test('6: in a file larger than what is looked at together, found once and at its line', async () => {
  const line = `${'all is well with the vault and the people '.repeat(2)}\n`;
  const lines = 6_000;
  const file = desk.file('large.log', `${line.repeat(lines)}${PEM}${line.repeat(lines)}${HEX}\n`);
  const said = await desk.smsk(['scan', '--json', file], offline);
  expect(said.json.found).toMatchObject([
    { detector: 'pem', line: lines + 1 },
    { detector: 'hex-key', line: 2 * lines + PEM.split('\n').length },
  ]);
  expect(said.json.found).toHaveLength(2);
});

test('1: what can’t be looked into is said, and isn’t “nothing found” alone', async () => {
  const zip = desk.file('keys.txt.gz');
  writeFileSync(zip, gzipSync(PEM));
  const said = await scan(zip);
  expect(said).toMatchObject({
    exitCode: EXIT.failed,
    out: expect.stringMatching(/not looked into: .*gz: compressed/),
  });
  const odd = desk.file('odd.bin');
  writeFileSync(odd, Buffer.concat([Buffer.from([1, 0, 2]), deflateSync(PEM)]));
  expect((await scan(odd)).exitCode).toBe(EXIT.failed);
});

test('2: a directory, a file that isn’t there', async () => {
  expect(await scan(desk.folder)).toMatchObject({
    exitCode: EXIT.usage,
    err: expect.stringContaining('directory'),
  });
  expect((await scan(desk.file('nobody.txt'))).exitCode).toBe(EXIT.usage);
});

describe('nothing leaves this machine', () => {
  const asAdmin = { as: 'customer-admin', fetch: nothingLeaves } as const;
  test.each([
    [['review', '--org', 'acme', '--note', `it is ${HEX}`], '--note'],
    [['review', '--org', 'acme', `--note=${PEM}`], '--note'],
    [['handoff', '--org', 'acme', '--contact', HEX], '--contact'],
    [['org', 'create', HEX], 'argument 3'],
    [['status', '--org', HEX], '--org'],
    [['nonsense', HEX], 'argument 2'],
    [['verify', '--org', 'acme', '--wait', HEX], '--wait'],
    [['status', '--org', 'acme', '--token-file', `eyJhbGciOiJIUzI1NiJ9.${HEX}.${HEX}`], '--token-file'],
  ])('4: %j', async (line, place) => {
    for (const form of [[], ['--json']]) {
      const said = await desk.smsk([...line, ...form], asAdmin);
      expect(said.exitCode).toBe(EXIT.refused);
      expect(said.out + said.err).toContain(`${place}: `);
      expect(said.out + said.err).toContain('replace it');
      expect([leaks(said, HEX), leaks(said, PEM)]).toEqual([false, false]);
    }
  });

  test('4: what is read from a file or standard input is looked at before it’s sent', async () => {
    const said = await desk.smsk(['order', 'submit', '--org', 'acme'], {
      ...asAdmin,
      stdin: Buffer.from(PEM),
    });
    expect(said).toMatchObject({ exitCode: EXIT.refused, err: expect.stringContaining('body/jws: pem') });
    expect(leaks(said, PEM)).toBe(false);
  });

  test('digests, thumbprints and keys of repeated actions go through', async () => {
    const lines = [
      ['review', '--org', 'acme', '--digest', HEX],
      ['review', '--org', 'acme', '--note', `read the plan with digest ${HEX}`],
      [
        'approver',
        'remove',
        '--org',
        'acme',
        '--credential',
        randomBytes(32).toString('base64url'),
        '--signed-by',
        'x',
      ],
      ['cancel', '--org', 'acme', '--idempotency-key', randomBytes(24).toString('base64url')],
      ['encrypt', '--org', 'acme', '--context', `row=${HEX}`],
    ];
    for (const line of lines) {
      const { out, err } = await desk.smsk(line, { ...asAdmin, stdin: Buffer.from('x') });
      expect(out + err).not.toContain('looks like key material');
    }
  });
});
