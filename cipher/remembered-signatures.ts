import type { StatementVerifier } from '../domain/ports/authority';

/** Enough for the statements of a thousand busy organizations. */
const REMEMBERED = 4_096;

/**
 * The same verifier, which doesn't compute a signature twice. What is remembered is a fact about bytes ("this very
 * text is a statement signed by a trusted key, and says this"), true for as long as the keys are trusted, which is
 * the life of the process. Whether the statement is still the one in force is read from the database each time.
 * Refusals aren't remembered.
 */
export function rememberingSignatures(
  verifier: StatementVerifier,
  capacity: number = REMEMBERED,
): StatementVerifier {
  return {
    envelope: remembering((jws) => verifier.envelope(jws), capacity),
    custody: remembering((jws) => verifier.custody(jws), capacity),
    sealed: remembering((jws) => verifier.sealed(jws), capacity),
    offboarded: remembering((jws) => verifier.offboarded(jws), capacity),
  };
}

function remembering<T extends object>(verify: (jws: string) => Promise<T>, capacity: number) {
  const known = new Map<string, T>();
  return async (jws: string): Promise<T> => {
    const before = known.get(jws);
    const statement = before ?? Object.freeze(await verify(jws));
    // Last used last: the first of the map is the one to forget.
    if (before !== undefined) known.delete(jws);
    known.set(jws, statement);
    if (known.size > capacity) {
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
    return statement;
  };
}
