import { type Instant, msOf, type OrganizationId } from '../../domain/ids';
import { quietUntil } from '../../domain/maintenance';
import type { IncidentNotice, Notice } from '../../domain/notice';
import {
  contactId,
  endpointRecipient,
  operatorRecipient,
  type Recipient,
  tellingKey,
} from '../../domain/recipient';
import type { ToldIncident } from '../../domain/told';
import { type TellingDeps, toldOfIncident, toldOfOperation } from './told';

/** Who is to hear of it now. */
export interface Audience {
  readonly recipients: readonly Recipient[];
  /** Milliseconds after which to ask again: somebody isn't paged before a maintenance window ends. `null`: never. */
  readonly againInMs: number | null;
}

/**
 * Who hasn't been told yet and is to be. Mail pages, webhooks keep record: in a maintenance window that an incident
 * began in, nobody is paged until it's over, and then only if the incident isn't. The end of an incident is told to
 * those who were told of it; that of an operation to everybody, and its beginning to nobody any more once it has ended.
 * @throws Refusal INPUT_INVALID where the organization has no such incident or operation
 */
export async function noticeAudience(deps: TellingDeps, notice: Notice): Promise<Audience> {
  switch (notice.kind) {
    case 'incident-opened':
      return pagedOf(deps, notice);
    case 'incident-closed': {
      const { told } = await toldOfIncident(deps, notice);
      const { id } = told.incident.organization;
      const all = await everybodyOf(deps, told);
      const opening: Notice = { ...notice, kind: 'incident-opened' };
      const heardOf = await deps.notices.records.told(
        id,
        all.map((one) => tellingKey(opening, one)),
      );
      const heard = all.filter((one) => heardOf.get(tellingKey(opening, one)) === 'notice-delivered');
      return { recipients: await untold(deps, id, notice, heard), againInMs: null };
    }
    case 'operation-started':
    case 'operation-ended': {
      const { operation } = await toldOfOperation(deps, notice);
      const { id } = operation.organization;
      const isPast = notice.kind === 'operation-started' && operation.end !== null;
      const all = isPast ? [] : await everybody(deps, id, false);
      return { recipients: await untold(deps, id, notice, all), againInMs: null };
    }
    default: {
      const unknown: never = notice;
      throw new Error(`unknown notice ${String(unknown)}`);
    }
  }
}

async function pagedOf(deps: TellingDeps, notice: IncidentNotice): Promise<Audience> {
  const { told, windows } = await toldOfIncident(deps, notice);
  const { openedAt, closedAt, organization } = told.incident;
  const now = await deps.store.now();
  const quiet = quietUntil(windows, openedAt, now);
  const isPaged = told.isExpected ? quiet === null && closedAt === null : true;
  const all = await everybodyOf(deps, told);
  const present = all.filter(({ channel }) => channel === 'webhook' || isPaged);
  return {
    recipients: await untold(deps, organization.id, notice, present),
    againInMs: quiet === null || closedAt !== null ? null : after(now, quiet),
  };
}

/** A window may be cancelled before its end. */
const LOOK_AGAIN_MS = 3_600_000;
const after = (now: Instant, then: Instant): number =>
  Math.min(LOOK_AGAIN_MS, Math.max(1_000, msOf(then) - msOf(now)));

const everybodyOf = (deps: TellingDeps, { incident }: ToldIncident): Promise<readonly Recipient[]> =>
  everybody(deps, incident.organization.id, incident.owner === 'operator');

/** @param isOurs of what is for us to mend, our own people hear who hear of nothing else, too */
async function everybody(
  { notices }: TellingDeps,
  id: OrganizationId,
  isOurs: boolean,
): Promise<readonly Recipient[]> {
  const { records, own, couriers } = notices;
  const contacts = await records.incidentContacts(id);
  const endpoints = await records.noticeEndpoints(id);
  const all: readonly Recipient[] = [
    ...contacts.map(({ handoff, nth }) => ({ channel: 'mail' as const, id: contactId(handoff, nth) })),
    ...endpoints.map(({ endpoint }) => ({ channel: 'webhook' as const, id: endpointRecipient(endpoint) })),
    ...own
      .filter(({ hears }) => hears === 'all' || isOurs)
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
