import pino, { type Logger } from 'pino';

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

/** What may be said of an error: a name and, where it's one of ours, its code. */
export function errorFields(error: unknown): { name: string; code: string | null } {
  if (!(error instanceof Error)) return { name: typeof error, code: null };
  const ours = error.name === 'ProviderFailure' || error.name === 'Refusal';
  return { name: error.name, code: ours && 'code' in error ? String(error.code) : null };
}
