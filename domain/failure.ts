import { OWNER_TEXT, wordsOf } from './attribution-words';
import { describeCode, type Owner, type ProviderCode, type RequestCode } from './codes';
import type { RequestId } from './ids';
import type { StatusClass } from './recipient';

/** What is left of a provider's error: our code and, if it passed the grammar, the provider's request id. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  constructor(
    readonly code: ProviderCode,
    readonly requestId: RequestId | null = null,
  ) {
    super(`${code}: ${describeCode(code).text}`);
  }
}

/** The same once it's known who can mend it: for whoever waits while it persists. */
export class AttributedFailure extends ProviderFailure {
  constructor(
    { code, requestId }: ProviderFailure,
    readonly owner: Owner,
  ) {
    super(code, requestId);
    this.message = `${code}, ${OWNER_TEXT[owner]}: ${wordsOf(code, owner).text}`;
  }
}

/** A request, message or step refused, in words for the person who gets it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: RequestCode,
    /** What exactly, in our words: the field, the date, the digest; never content from outside. */
    readonly detail: string | null = null,
  ) {
    super(
      detail === null
        ? `${code}: ${describeCode(code).text}`
        : `${code}: ${describeCode(code).text} (${detail})`,
    );
  }
}

/**
 * Our database can't be reached or takes no connection: no fault of a program and no refusal of anybody's. What was asked
 * for happened whole or not at all; asking again is all there is to do.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly code = 'DATABASE_UNAVAILABLE';
  /** @param databaseCode SQLSTATE, Prisma's or the system's own, for our log; `null`: there was none */
  constructor(readonly databaseCode: string | null = null) {
    super(`DATABASE_UNAVAILABLE: ${describeCode('DATABASE_UNAVAILABLE').text}`);
  }
}

/** Nobody took a notice this time; the next attempt may find somebody who does. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered';
  readonly code = 'NOTICE_UNDELIVERED';
  constructor(readonly statusClass: StatusClass) {
    super(`NOTICE_UNDELIVERED: ${describeCode('NOTICE_UNDELIVERED').text}`);
  }
}
