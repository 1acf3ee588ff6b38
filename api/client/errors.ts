import type { Problem } from '../shapes/problem';

/** The API refused or failed, and said so in a problem. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  constructor(
    readonly problem: Problem,
    /** The one the request had: to repeat it with, where it may still be carried out. */
    readonly idempotencyKey: string | null = null,
  ) {
    super(`${problem.code}: ${problem.text}`);
  }
}

/** No answer: nobody listens there, or not within the deadline. The request may still be carried out. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
  constructor(
    readonly why: 'deadline' | 'connection',
    readonly url: string,
    readonly idempotencyKey: string | null = null,
  ) {
    super(why === 'deadline' ? `${url} didn’t answer in time` : `${url} can’t be reached`);
  }
}

/** Something answered, but not this API. */
export class ApiNotUnderstood extends Error {
  override readonly name = 'ApiNotUnderstood';
  constructor(readonly status: number) {
    super(`the answer (HTTP ${status}) isn’t this API’s`);
  }
}
