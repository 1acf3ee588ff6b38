import pino, { type Logger } from 'pino';
import { DatabaseUnavailable, ProviderFailure, Refusal } from '../domain/failure';

export type { Logger };

/** Members that must never be logged, wherever they'd appear; the leak tests hold us to it. */
const NEVER = ['token', 'authorization', 'plaintext', 'secretAccessKey', 'sessionToken', 'jws', 'password'];

/**
 * JSON lines on standard output. `err` objects are cut to our own code and message: never a stack or a cause.
 * @param destination instead of standard output: tests read what was logged.
 */
export function createLogger(
  process: string,
  level: pino.LevelWithSilent = 'info',
  destination: pino.DestinationStream = pino.destination(1),
): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { process },
    redact: { paths: NEVER.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    serializers: { err: errorFields },
  };
  return pino(options, destination);
}

/** What may be said of an error: of one of ours its name and code; of any other only that it is one, since its name may be a provider's word. */
export function errorFields(error: unknown): { name: string; code: string | null } {
  const isOurs =
    error instanceof ProviderFailure || error instanceof Refusal || error instanceof DatabaseUnavailable;
  if (isOurs) return { name: error.name, code: error.code };
  return { name: error instanceof Error ? 'Error' : typeof error, code: null };
}
