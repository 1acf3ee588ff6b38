import { digestOf } from './digest';
import type { DeploymentId, EndpointId, LedgerIndex, RecipientId } from './ids';
import { isOfOperation, type Notice } from './notice';

/** How people are told. Mail is for those who act on it; a webhook's receiver is a machine that keeps record. */
export const CHANNELS = ['mail', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

/** First digit of an HTTP status or an SMTP reply; `null`: there was no answer. Nothing more of an answer is kept. */
export type StatusClass = 1 | 2 | 3 | 4 | 5 | null;

/** One who is to hear of it. Addresses are looked up where it is sent, so that no workflow's history has them. */
export interface Recipient {
  readonly channel: Channel;
  readonly id: RecipientId;
}

/** The nth contact of a handoff, by the handoff's ledger entry. */
export const contactId = (handoff: LedgerIndex, nth: number): RecipientId =>
  `contact/${handoff}/${nth}` as RecipientId;
export const endpointRecipient = (endpoint: EndpointId): RecipientId => `endpoint/${endpoint}` as RecipientId;
/** One of our own, by its name in the configuration. */
export const operatorRecipient = (name: string): RecipientId => `operator/${name}` as RecipientId;

/** Names the telling of one notice to one recipient: its entry's idempotency key. */
export const tellingKey = (notice: Notice, { channel, id }: Recipient): string =>
  `notice/${isOfOperation(notice) ? notice.operation : notice.incident}/${notice.kind}/${channel}/${id}`;

/** The same for receivers, who get it with each attempt: whatever comes twice with one of these is one message. */
export function messageId(deployment: DeploymentId, notice: Notice, recipient: Recipient): string {
  return `msg_${digestOf({ deployment, telling: tellingKey(notice, recipient) }).slice(0, 32)}`;
}
