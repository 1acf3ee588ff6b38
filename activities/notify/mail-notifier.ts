import { digestOf } from '../../domain/digest';
import { letter, type Mail } from '../../domain/mail';
import type { Notifier, Reminder } from '../../domain/ports/notifier';
import type { ActivityStore, Logger } from '../deps';
import type { NoticeDeps } from './deps';

interface Deps {
  readonly store: Pick<ActivityStore, 'organizationByName'>;
  readonly notices: NoticeDeps;
  readonly logger: Logger;
}

/**
 * Reminders by mail: to our own people, and, where the customer is awaited, to the contacts that a handoff named. A
 * wait doesn't wait for a mail server: what couldn't be sent is in the log, and the next reminder comes.
 */
export const createMailNotifier = (deps: Deps): Notifier => ({
  async remind(reminder) {
    const { notices, logger } = deps;
    const { mail } = notices.couriers;
    logger.info({ reminder }, 'somebody is awaited');
    if (mail === null) return;
    const sent = (await addressesOf(deps, reminder)).map(async (to) => {
      const { verdict, statusClass } = await mail(reminderMail(reminder, notices, to));
      if (verdict === 'accepted') return;
      const { operationId, days } = reminder;
      logger.warn(
        { event: 'reminder.undelivered', operationId, days, statusClass },
        'a reminder wasn’t taken',
      );
    });
    await Promise.all(sent);
  },
});

async function addressesOf(
  { notices, store }: Deps,
  { organization, stage, who }: Reminder,
): Promise<readonly string[]> {
  // A verification awaits us only where the trouble isn't the customer's.
  const isOurs = stage === 'verification' && who === 'support';
  const own = notices.own.flatMap((one) =>
    one.channel === 'mail' && (one.hears === 'all' || isOurs) ? [one.address] : [],
  );
  const found = who === 'customer-admin' ? await store.organizationByName(organization) : null;
  const contacts = found === null ? [] : await notices.records.incidentContacts(found.id);
  return [...new Set([...own, ...contacts.map(({ email }) => email)])];
}

function reminderMail(reminder: Reminder, { deployment, statusUrl }: NoticeDeps, to: string): Mail {
  const { organization, operationId, stage, who, what, since, days, endsAt } = reminder;
  const title = `${organization}: ${who} is awaited${days === 0 ? '' : ` since ${days} days`}`;
  const id = `rem_${digestOf({ deployment, operationId, stage, since, days, to }).slice(0, 32)}`;
  return letter(deployment, { to, id }, title, [
    ['Organization', organization],
    ['Stage', stage],
    ['Awaited', `${who}, to ${what}`],
    ['Since', since],
    ['Ends by itself', endsAt],
    ['Operation', operationId],
    ['Status', statusUrl(organization)],
  ]);
}
