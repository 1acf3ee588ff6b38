import { request as httpsRequest } from 'node:https';
import type { Handed } from '../../domain/ports/notices';
import { type WebhookCall, webhookUrl } from '../../domain/webhook';
import { isPublicAddress } from '../egress/address';
import { type Emulated, GuardedAgent, type Resolve, systemResolve } from '../egress/guarded-agent';
import { classOf } from './status-class';

/** From the first byte to the status line, in milliseconds. */
const DEADLINE_MS = 15_000;
/** RFC 9110 §15.5.11; Standard Webhooks: the receiver wants no more of it. */
const GONE = 410;

export interface Webhooks {
  post(call: WebhookCall): Promise<Handed>;
  close(): void;
}

/**
 * Sends webhooks to addresses that outsiders gave us: names are resolved and judged at the connection, no redirect
 * is followed, and of the answer only the status line is looked at.
 * @param receiver in development: all names lead to it, and to nothing else
 */
export function createWebhooks(
  receiver: Emulated | null,
  resolve: Resolve = systemResolve,
  deadlineMs = DEADLINE_MS,
): Webhooks {
  const agent =
    receiver === null
      ? new GuardedAgent(resolve, isPublicAddress)
      : new GuardedAgent(
          async () => [{ address: '127.0.0.1', family: 4 }],
          (address) => address === '127.0.0.1',
          receiver,
        );
  return {
    post: async (call) => {
      // It was of this form when it was registered; a row that says otherwise goes nowhere.
      if (!webhookUrl.safeParse(call.url).success) return { verdict: 'refused', statusClass: null };
      return posted(agent, call, deadlineMs);
    },
    close: () => agent.destroy(),
  };
}

function posted(
  agent: GuardedAgent,
  { url, headers, body }: WebhookCall,
  deadlineMs: number,
): Promise<Handed> {
  const { hostname, pathname, search } = new URL(url);
  return new Promise((resolve) => {
    const ended = (handed: Handed): void => {
      clearTimeout(timer);
      resolve(handed);
      sent.destroy();
    };
    const failed = (): void => ended({ verdict: 'later', statusClass: null });
    const sent = httpsRequest({
      agent,
      host: hostname,
      // Given, or else Node would take it from a Host header.
      servername: hostname,
      port: 443,
      method: 'POST',
      path: `${pathname}${search}`,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    const timer = setTimeout(failed, deadlineMs);
    // Stays: what is destroyed may fail once more.
    sent.on('error', failed);
    sent.once('response', ({ statusCode = 0 }) => ended(handedFor(statusCode)));
    sent.end(body);
  });
}

function handedFor(status: number): Handed {
  const statusClass = classOf(status);
  if (statusClass === 2) return { verdict: 'accepted', statusClass };
  return { verdict: status === GONE ? 'refused' : 'later', statusClass };
}
