import { SYSTEM } from '../../domain/actor';
import { Undelivered } from '../../domain/failure';
import type { OrganizationId } from '../../domain/ids';
import { type Mail, mailOf } from '../../domain/mail';
import { isOfOperation, type Notice } from '../../domain/notice';
import type { NoticeChange, NoticeFailure } from '../../domain/notice-change';
import type { Handed } from '../../domain/ports/notices';
import {
  contactId,
  endpointRecipient,
  messageId,
  operatorRecipient,
  type Recipient,
  type StatusClass,
  tellingKey,
} from '../../domain/recipient';
import { isToldOperation, type Told } from '../../domain/told';
import { operationBody, operationMail } from '../../domain/told-operation';
import { webhookBody, webhookCall } from '../../domain/webhook';
import { organizationOf, type TellingDeps, toldOf } from './told';

/** One notice to one who is to hear it. */
export interface Telling {
  readonly notice: Notice;
  readonly recipient: Recipient;
}

/**
 * Hands it over and puts that on record, once: whoever has an entry isn't told again. What was sent before its
 * entry could be written is sent again under the same id.
 * @throws Undelivered to be tried again; Refusal INPUT_INVALID where the organization has no such incident or operation
 */
export async function deliverNotice(deps: TellingDeps, telling: Telling): Promise<void> {
  const { records } = deps.notices;
  const told = await toldOf(deps, telling.notice);
  const organization = organizationOf(told);
  const key = tellingKey(telling.notice, telling.recipient);
  if ((await records.told(organization, [key])).has(key)) return;
  const handed = await hand(deps, told, telling);
  if (handed === null) return failed(deps, organization, telling, 'removed', null);
  const { verdict, statusClass } = handed;
  switch (verdict) {
    case 'accepted':
      return record(deps, organization, telling, {
        ...addressed(telling, statusClass),
        type: 'notice-delivered',
      });
    case 'refused':
      return failed(deps, organization, telling, 'refused', statusClass);
    case 'later':
      throw new Undelivered(statusClass);
    default: {
      const unknown: never = verdict;
      throw new Error(`unknown verdict ${String(unknown)}`);
    }
  }
}

/** It was tried for as long as it is. */
export async function recordUndelivered(deps: TellingDeps, telling: Telling): Promise<void> {
  const told = await toldOf(deps, telling.notice);
  const organization = organizationOf(told);
  const key = tellingKey(telling.notice, telling.recipient);
  if ((await deps.notices.records.told(organization, [key])).has(key)) return;
  await failed(deps, organization, telling, 'unreachable', null);
}

/** @returns `null` where the recipient isn't one any more. */
async function hand(
  { notices, store }: TellingDeps,
  told: Told,
  { notice, recipient }: Telling,
): Promise<Handed | null> {
  const { deployment, records, couriers, own, endpointSecret } = notices;
  const organization = organizationOf(told);
  const id = messageId(deployment, notice, recipient);
  const post = async (url: string, secret: string): Promise<Handed> =>
    couriers.post(webhookCall(url, secret, id, await store.now(), bodyOf(told, id)));
  const mail = async (to: string): Promise<Handed | null> =>
    couriers.mail === null ? null : couriers.mail(letterOf(told, to, id));

  const ours = own.find(
    (one) => one.channel === recipient.channel && operatorRecipient(one.id) === recipient.id,
  );
  if (ours !== undefined) return ours.channel === 'mail' ? mail(ours.address) : post(ours.url, ours.secret());
  if (recipient.channel === 'mail') {
    const contacts = await records.incidentContacts(organization);
    const contact = contacts.find(({ handoff, nth }) => contactId(handoff, nth) === recipient.id);
    return contact === undefined ? null : mail(contact.email);
  }
  const endpoints = await records.noticeEndpoints(organization);
  const found = endpoints.find(({ endpoint }) => endpointRecipient(endpoint) === recipient.id);
  return found === undefined ? null : post(found.url, endpointSecret(organization, found.endpoint));
}

const bodyOf = (told: Told, id: string): string =>
  isToldOperation(told) ? operationBody(told) : webhookBody(told, id);
const letterOf = (told: Told, to: string, id: string): Mail =>
  isToldOperation(told) ? operationMail(told, to, id) : mailOf(told, to, id);

const addressed = ({ notice, recipient }: Telling, statusClass: StatusClass) => ({
  ...(isOfOperation(notice)
    ? { operation: notice.operation, kind: notice.kind }
    : { incident: notice.incident, kind: notice.kind }),
  channel: recipient.channel,
  recipient: recipient.id,
  statusClass,
});

const failed = (
  deps: TellingDeps,
  organization: OrganizationId,
  telling: Telling,
  reason: NoticeFailure,
  statusClass: StatusClass,
): Promise<void> =>
  record(deps, organization, telling, { ...addressed(telling, statusClass), type: 'notice-failed', reason });

async function record(
  { store }: TellingDeps,
  organization: OrganizationId,
  { notice, recipient }: Telling,
  change: NoticeChange,
): Promise<void> {
  await store.commit({
    idempotencyKey: tellingKey(notice, recipient),
    actor: SYSTEM,
    fence: null,
    organization,
    change,
  });
}
