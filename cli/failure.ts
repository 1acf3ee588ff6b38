import { ApiNotUnderstood, ApiRefused, ApiUnreachable, KeyMaterialKept } from '../api/client';
import { EXIT, type ExitCode } from './exit-codes';

/** Something `smsk` itself won't do, in words for the person who asked. */
export class Declined extends Error {
  override readonly name = 'Declined';
  constructor(
    message: string,
    readonly remedy: string,
    readonly exitCode: ExitCode = EXIT.refused,
  ) {
    super(message);
  }
}

export interface Failure {
  readonly exitCode: ExitCode;
  readonly json: unknown;
  readonly text: string;
}

/** What to do about a key that was about to be sent. */
export const NEVER_SEND =
  'never send keys: enter the key’s identifier and a role. A digest needs its name before it (“digest …”). If a real key was given, replace it';

/** Any error as an exit code, as JSON and as words. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiRefused) return refused(error);
  if (error instanceof Declined) {
    const { message, remedy, exitCode } = error;
    return { exitCode, json: { text: message, remedy }, text: `smsk: ${message}\n  to do      ${remedy}\n` };
  }
  if (error instanceof KeyMaterialKept) {
    const { field, detector } = error.found;
    return failureOf(
      new Declined(`${field}: ${detector}: this looks like key material; it was not sent`, NEVER_SEND),
    );
  }
  if (error instanceof ApiUnreachable) {
    const { idempotencyKey } = error;
    const remedy = 'check --url, or SMSK_URL; the request may still have been carried out, see `smsk status`';
    return {
      exitCode: EXIT.unavailable,
      json: { text: error.message, remedy, idempotencyKey },
      text: `smsk: ${error.message}\n  to do      ${remedy}\n${repeatText(idempotencyKey)}`,
    };
  }
  if (error instanceof ApiNotUnderstood) {
    return {
      exitCode: EXIT.failed,
      json: { text: error.message },
      text: `smsk: ${error.message}; check --url\n`,
    };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.failed, json: { text }, text: `smsk: ${text}\n` };
}

/** How to repeat an action that may have been carried out, so that it's carried out once. */
const repeatText = (idempotencyKey: string | null): string =>
  idempotencyKey === null ? '' : `  repeat     the same command with --idempotency-key ${idempotencyKey}\n`;

/** After these nobody knows whether it was carried out. */
const REPEATED: ReadonlySet<string> = new Set(['NO_WORKER', 'INTERNAL', 'DATABASE_UNAVAILABLE']);

function refused({ problem, idempotencyKey }: ApiRefused): Failure {
  const exitCode =
    problem.status === 503 ? EXIT.unavailable : problem.status >= 500 ? EXIT.failed : EXIT.refused;
  const codes =
    problem.providerCode === undefined ? problem.code : `${problem.code} (${problem.providerCode})`;
  const rows: [string, string | null | undefined][] = [
    ['exactly', problem.detail],
    ['effect', problem.effect],
    ['to do', problem.remedy],
    ['provider', problem.providerRequestId && `request id ${problem.providerRequestId}`],
    ['reference', problem.reference],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? [`  ${name.padEnd(10)} ${value}`] : []));
  const repeat = REPEATED.has(problem.code) ? repeatText(idempotencyKey) : '';
  return {
    exitCode,
    json: { ...problem, idempotencyKey },
    text: `smsk: ${codes}: ${problem.text}\n${lines.join('\n')}\n${repeat}`,
  };
}
