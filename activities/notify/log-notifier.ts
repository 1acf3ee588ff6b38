import type { Notifier } from '../../domain/ports/notifier';
import type { Logger } from '../deps';

/** Reminders as log events: what an operator without mail or chat connected sees. */
export const createLogNotifier = (logger: Logger): Notifier => ({
  remind: async (reminder) => logger.info({ reminder }, 'somebody is awaited'),
});
