import { createTransport } from 'nodemailer';
import { emailAddress } from '../../domain/intake/fields';
import type { Mail } from '../../domain/mail';
import type { Handed } from '../../domain/ports/notices';
import { classOf } from './status-class';

/** From the connection to the reply that the message is taken, in milliseconds. */
const DEADLINE_MS = 30_000;

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** From the first byte, or by STARTTLS, without which nothing is sent. There's no third way. */
  readonly tls: 'implicit' | 'starttls';
  readonly user: string;
  readonly password: () => string;
  readonly from: string;
  /** Authorities (PEM) in place of the built-in ones, for a relay of one's own. */
  readonly ca: string | null;
}

/** Sends mail through the operator's own relay: one connection for each, one recipient each. */
export function createMailer(
  settings: SmtpSettings,
  deadlineMs = DEADLINE_MS,
): (mail: Mail) => Promise<Handed> {
  const { host, port, tls, user, password, ca } = settings;
  const from = emailAddress.parse(settings.from);
  return async ({ to, subject, text, id }) => {
    // Where it came from was of this form when it was recorded; a header is made of it, so it's judged once more.
    const address = emailAddress.safeParse(to);
    if (!address.success) return { verdict: 'refused', statusClass: null };
    const transport = createTransport({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: true,
      auth: { user, pass: password() },
      tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca === null ? {} : { ca: [ca] }) },
      connectionTimeout: deadlineMs,
      greetingTimeout: deadlineMs,
      socketTimeout: deadlineMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const sent = transport.sendMail({
      signal: AbortSignal.timeout(deadlineMs),
      from,
      to: address.data,
      envelope: { from, to: [address.data] },
      subject,
      text,
      messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      const { response } = await sent;
      return { verdict: 'accepted', statusClass: classOf(Number(response.slice(0, 3))) };
    } catch (raw) {
      return handedFor(raw);
    } finally {
      transport.close();
    }
  };
}

/** Raw errors die here: what a server says goes no further than the first digit of its reply. */
function handedFor(raw: unknown): Handed {
  const { responseCode, command } = (raw instanceof Object ? raw : {}) as Record<string, unknown>;
  const statusClass = classOf(responseCode);
  // About the address or the message. What a server has against us (sign-in, sender) is ours to mend meanwhile.
  const isFinal = statusClass === 5 && (command === 'RCPT TO' || command === 'DATA');
  return { verdict: isFinal ? 'refused' : 'later', statusClass };
}
