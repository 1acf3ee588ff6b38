import { type Instant, msOf, type OrganizationId } from '../../domain/ids';
import { quietUntil } from '../../domain/maintenance';
import type { Notice } from '../../domain/notice';
import {
  contactId,
  endpointRecipient,
  operatorRecipient,
  type Recipient,
  tellingKey,
} from '../../domain/recipient';
import type { Told } from '../../domain/told';
import { type TellingDeps, toldOf } from './told';

/** Who is to hear of it now. */
export interface Audience {
  readonly recipients: readonly Recipient[];
  /** Milliseconds after which to ask again: somebody isn't paged before a maintenance window ends. `null`: never. */
  readonly againInMs: number | null;
}

/**
 * Who hasn't been told yet and is to be. Mail pages, webhooks keep record: in a maintenance window that an incident
 * began in, nobody is paged until it's over, and then only if the incident isn't. The end of an incident is told to
 * those who were told of it.
 * @throws Refusal INPUT_INVALID where the organization has no such incident
 */
export async function noticeAudience(deps: TellingDeps, notice: Notice): Promise<Audience> {
  const { told, windows } = await toldOf(deps, notice);
  const { id } = told.incident.organization;
  const all = await everybody(deps, told);
  switch (notice.kind) {
    case 'incident-opened': {
      const { openedAt, closedAt } = told.incident;
      const now = await deps.store.now();
      const quiet = quietUntil(windows, openedAt, now);
      const isPaged = told.isExpected ? quiet === null && closedAt === null : true;
      const present = all.filter(({ channel }) => channel === 'webhook' || isPaged);
      return {
        recipients: await untold(deps, id, notice, present),
        againInMs: quiet === null || closedAt !== null ? null : after(now, quiet),
      };
    }
    case 'incident-closed': {
      const opening: Notice = { ...notice, kind: 'incident-opened' };
      const told = await deps.notices.records.told(
        id,
        all.map((one) => tellingKey(opening, one)),
      );
      const heard = all.filter((one) => told.get(tellingKey(opening, one)) === 'notice-delivered');
      return { recipients: await untold(deps, id, notice, heard), againInMs: null };
    }
    default: {
      const unknown: never = notice.kind;
      throw new Error(`unknown notice ${String(unknown)}`);
    }
  }
}

/** A window may be cancelled before its end. */
const LOOK_AGAIN_MS = 3_600_000;
const after = (now: Instant, then: Instant): number =>
  Math.min(LOOK_AGAIN_MS, Math.max(1_000, msOf(then) - msOf(now)));

async function everybody({ notices }: TellingDeps, { incident }: Told): Promise<readonly Recipient[]> {
  const { records, own, couriers } = notices;
  const { id } = incident.organization;
  const contacts = await records.incidentContacts(id);
  const endpoints = await records.noticeEndpoints(id);
  const all: readonly Recipient[] = [
    ...contacts.map(({ handoff, nth }) => ({ channel: 'mail' as const, id: contactId(handoff, nth) })),
    ...endpoints.map(({ endpoint }) => ({ channel: 'webhook' as const, id: endpointRecipient(endpoint) })),
    ...own
      .filter(({ hears }) => hears === 'all' || incident.owner === 'operator')
      .map((one) => ({ channel: one.channel, id: operatorRecipient(one.id) })),
  ];
  return all.filter(({ channel }) => channel === 'webhook' || couriers.mail !== null);
}

async function untold(
  { notices }: TellingDeps,
  organization: OrganizationId,
  notice: Notice,
  recipients: readonly Recipient[],
): Promise<readonly Recipient[]> {
  const settled = await notices.records.told(
    organization,
    recipients.map((one) => tellingKey(notice, one)),
  );
  return recipients.filter((one) => !settled.has(tellingKey(notice, one)));
}
