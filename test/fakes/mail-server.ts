import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { certificateFor } from './tls';

export interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  /** The message as it came. */
  readonly raw: string;
  readonly isSecure: boolean;
  readonly user: string;
}

/** An SMTP reply in place of taking it, at the recipient or at the message. */
export interface Reply {
  readonly at: 'recipient' | 'message' | 'sign-in';
  readonly code: number;
}

export const MAIL_USER = 'smsk';
export const MAIL_PASSWORD = 'mail-password-of-a-test';
export const MAIL_RUBBISH = 'rubbish of a mail server AKIAIOSFODNN7EXAMPLE';

/** A real SMTP server, with TLS from the start or by STARTTLS; `none`: one that offers neither. Close it. */
export async function openMailServer(tls: 'implicit' | 'starttls' | 'none' = 'starttls') {
  const { ca, cert, key } = certificateFor('localhost');
  const taken: Taken[] = [];
  const replies: Reply[] = [];
  /** What goes wrong next, if it goes wrong here. */
  const wrong = (at: Reply['at']): Error | null => {
    if (replies[0]?.at !== at) return null;
    const code = replies.shift()?.code ?? 0;
    return Object.assign(new Error(MAIL_RUBBISH), { responseCode: code });
  };
  const server = new SMTPServer({
    ...{ cert, key, secure: tls === 'implicit', hideSTARTTLS: tls === 'none', allowInsecureAuth: true },
    disabledCommands: tls === 'none' ? ['STARTTLS'] : [],
    onAuth: ({ username, password }, _session, done) => {
      const refused = wrong('sign-in');
      if (refused !== null) done(refused);
      else if (password !== MAIL_PASSWORD) done(new Error('no'));
      else done(null, { user: username });
    },
    onRcptTo: (_address, _session, done) => done(wrong('recipient')),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refused = wrong('message');
        if (refused !== null) return done(refused);
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
          isSecure: session.secure,
          user: String(session.user),
        });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.server.address() as AddressInfo;
  return { ca, port, taken, replies, close: () => new Promise<void>((done) => server.close(() => done())) };
}
export type MailServer = Awaited<ReturnType<typeof openMailServer>>;
