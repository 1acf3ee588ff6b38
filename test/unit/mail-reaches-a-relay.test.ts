import fc from 'fast-check';
import PostalMime from 'postal-mime';
import type { Mail } from '../../domain/mail';
import { createMailer, type SmtpSettings } from '../../providers/notify/smtp';
import { MAIL_PASSWORD, MAIL_USER, type MailServer, openMailServer } from '../fakes/mail-server';

const MAIL: Mail = {
  to: 'jo@acme.example',
  subject: '[novantra-test] acme: the provider refuses the customer’s key (KEY_DISABLED)',
  text: 'Organization: acme\nYour data: nothing is lost.\n',
  id: 'msg_0123456789abcdef',
};
/** Headers of a mail of ours, whatever it is about. */
const HEADERS = [
  'auto-submitted',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
];

let server: MailServer;
const settings = (change: Partial<SmtpSettings> = {}): SmtpSettings => ({
  ...{ host: 'localhost', port: server.port, tls: 'starttls', user: MAIL_USER, ca: server.ca },
  password: () => MAIL_PASSWORD,
  from: 'smsk@novantra.example',
  ...change,
});

describe('with STARTTLS', () => {
  beforeAll(async () => {
    server = await openMailServer('starttls');
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.taken.length = 0;
  });

  test('a mail is taken over TLS, signed in, with its own Message-ID each time', async () => {
    const send = createMailer(settings());
    expect([await send(MAIL), await send(MAIL)]).toEqual([
      { verdict: 'accepted', statusClass: 2 },
      { verdict: 'accepted', statusClass: 2 },
    ]);
    expect(server.taken).toMatchObject([
      { from: 'smsk@novantra.example', to: [MAIL.to], isSecure: true, user: MAIL_USER },
      { isSecure: true },
    ]);
    const parsed = await Promise.all(server.taken.map(({ raw }) => PostalMime.parse(raw)));
    expect(parsed.map(({ messageId }) => messageId)).toEqual(
      Array(2).fill('<msg_0123456789abcdef@novantra.example>'),
    );
    expect(parsed[0]).toMatchObject({ subject: MAIL.subject, text: MAIL.text });
    expect(parsed[0]?.html).toBeUndefined();
  });

  test.each([
    ['the address isn’t known', { at: 'recipient', code: 550 }, 'refused', 5],
    ['the message is refused', { at: 'message', code: 554 }, 'refused', 5],
    ['greylisted', { at: 'recipient', code: 451 }, 'later', 4],
    ['the relay has no room', { at: 'message', code: 452 }, 'later', 4],
    ['our sign-in is refused: ours to mend', { at: 'sign-in', code: 535 }, 'later', 5],
  ] as const)('%s', async (_, reply, verdict, statusClass) => {
    server.replies.push(reply);
    expect(await createMailer(settings())(MAIL)).toEqual({ verdict, statusClass });
    expect(server.taken).toEqual([]);
  });

  test('a relay that another authority vouches for gets nothing', async () => {
    const other = await openMailServer();
    await other.close();
    expect(await createMailer(settings({ ca: other.ca }))(MAIL)).toEqual({
      verdict: 'later',
      statusClass: null,
    });
    expect(server.taken).toEqual([]);
  });

  test('nobody there', async () => {
    const gone = await openMailServer();
    await gone.close();
    const send = createMailer(settings({ port: gone.port }));
    expect(await send(MAIL)).toEqual({ verdict: 'later', statusClass: null });
  });

  test('no address, subject or text adds a header, a recipient or a second message', async () => {
    const send = createMailer(settings());
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.string(), fc.constantFrom('\r\n', '\n', '\r', '\u2028', '\0', '%0d%0a'), fc.string())
        .map(([before, line, after]) => `${before}${line}Bcc: evil@evil.example${line}${line}${after}`),
      fc.constant('.\r\n.\r\nMAIL FROM:<x@evil.example>\r\n'),
    );
    const address = fc.oneof(
      fc.constant(MAIL.to),
      hostile.map((text) => `jo@acme.example${text}`),
      hostile.map((text) => `${text}@acme.example`),
      hostile.map((text) => `"${text}" <jo@acme.example>`),
    );
    await fc.assert(
      fc.asyncProperty(address, hostile, hostile, async (to, subject, text) => {
        server.taken.length = 0;
        const { verdict } = await send({
          ...MAIL,
          to,
          subject: `${MAIL.subject}${subject}`,
          text: `${MAIL.text}${text}`,
        });
        if (verdict !== 'accepted') return expect(server.taken).toEqual([]);
        expect(server.taken).toHaveLength(1);
        const [taken] = server.taken;
        // The host's name has no case.
        expect(taken?.to.map((one) => one.toLowerCase())).toEqual([to.toLowerCase()]);
        const { headers } = await PostalMime.parse(taken?.raw ?? '');
        expect([...new Set(headers.map(({ key }) => key))].sort()).toEqual(HEADERS);
        expect(headers).toHaveLength(HEADERS.length);
      }),
      { numRuns: 120 },
    );
  }, 60_000);
});

test('with TLS from the first byte', async () => {
  server = await openMailServer('implicit');
  try {
    expect(await createMailer(settings({ tls: 'implicit' }))(MAIL)).toEqual({
      verdict: 'accepted',
      statusClass: 2,
    });
    expect(server.taken).toMatchObject([{ isSecure: true }]);
  } finally {
    await server.close();
  }
});

test('a relay without TLS gets neither the mail nor the password', async () => {
  server = await openMailServer('none');
  try {
    expect((await createMailer(settings())(MAIL)).verdict).toBe('later');
    expect((await createMailer(settings({ tls: 'implicit' }), 2_000)(MAIL)).verdict).toBe('later');
    expect(server.taken).toEqual([]);
  } finally {
    await server.close();
  }
});
