const ERRNO = /^[A-Z][A-Z0-9_]{1,60}$/;

/**
 * The connection failed before an answer came. Built fresh: of Node's error, which names addresses and may carry
 * certificates, only the code is kept.
 */
export class TransportFailed extends Error {
  override readonly name = 'TransportFailed';
  /** Node's code, e.g. `ECONNRESET`; `UNKNOWN` where it gave none. */
  readonly code: string;

  constructor(raw: unknown) {
    super('the connection failed');
    const { name, code } = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
    const given = typeof code === 'string' && ERRNO.test(code) ? code : 'UNKNOWN';
    this.code = given === 'UNKNOWN' && name === 'TimeoutError' ? 'ETIMEDOUT' : given;
  }
}
