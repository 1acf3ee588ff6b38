import { type Part, PartNotReady, stopParts } from '../parts/process';
import { type BootOptions, boot, type Services } from './services';

const TRIES = 4;

/**
 * {@link boot}; when somebody else took one of the chosen ports between the choice and the start, once more: the
 * choice then falls on others.
 */
export async function bootOnFreePorts(options: BootOptions, parts: Pick<Part, 'stop'>[]): Promise<Services> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await boot(options, parts);
    } catch (error) {
      const lostPort = error instanceof PartNotReady && /EADDRINUSE|address already in use/i.test(error.log);
      if (!lostPort || attempt === TRIES) throw error;
      options.say('a port was taken meanwhile; starting again on others');
      await stopParts(parts.splice(0));
    }
  }
}
