import type { Transactions } from '../../../store';

/** The connection broke: what PostgreSQL's client says then. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** Breaks the first `times` transactions before they begin. */
export const lostBefore =
  (times = 1) =>
  (real: Transactions): Transactions => {
    let left = times;
    return {
      ...real,
      write: async (work) => {
        if (left-- > 0) throw new ConnectionLost();
        return real.write(work);
      },
    };
  };

/** Lets the first `times` transactions commit, and loses the answer. */
export const answerLost =
  (times = 1) =>
  (real: Transactions): Transactions => {
    let left = times;
    return {
      ...real,
      write: async (work) => {
        const answer = await real.write(work);
        if (left-- > 0) throw new ConnectionLost();
        return answer;
      },
    };
  };
