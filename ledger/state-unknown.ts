/**
 * The one fatal error: what is durable is no longer known. Stop, open again, and repeat the request; opening
 * and repeating run the same code as always, so there is no recovery to go wrong.
 */
export class StateUnknown extends Error {
  override readonly name = 'StateUnknown';
  constructor(what: string) {
    super(`${what}: state unknown; stop, reload, repeat the request`);
  }
}
