import { randomBytes } from 'node:crypto';
import type { Contestant } from './contestant';

/** The content of each operation, in bytes. */
const BYTES = 1024;
/** How long operations are counted, in milliseconds. */
const COUNT_MS = 750;

/**
 * Operations per second with `concurrency` callers, each of which encrypts, decrypts, encrypts, … one after the
 * other. Counting begins when every caller has had two answers and ends while all are still at it, so that neither
 * the start nor the end of the load is part of it.
 */
export async function operationsPerSecond(contestant: Contestant, concurrency: number): Promise<number> {
  const plaintext = randomBytes(BYTES);
  let answered = 0;
  let warm = 0;
  let isOver = false;
  let allWarm = (): void => undefined;
  const warmed = new Promise<void>((resolve) => {
    allWarm = resolve;
  });
  const call = async (): Promise<void> => {
    for (let round = 0; !isOver; round++) {
      const ciphertext = await contestant.encrypt(plaintext);
      answered++;
      const back = await contestant.decrypt(ciphertext);
      answered++;
      if (back.length !== BYTES) throw new Error('not what was encrypted');
      if (round === 0 && ++warm === concurrency) allWarm();
    }
  };
  const callers = Promise.all(Array.from({ length: concurrency }, call));
  // A caller that fails ends the measurement, not just itself.
  await Promise.race([warmed, callers]);
  const [from, at] = [answered, performance.now()];
  await Promise.race([new Promise<void>((resolve) => setTimeout(resolve, COUNT_MS)), callers]);
  const rate = ((answered - from) / (performance.now() - at)) * 1_000;
  isOver = true;
  await callers;
  return rate;
}

/**
 * How long after the disable's answer an operation could still begin and succeed, in milliseconds; 0 if the very
 * next one failed.
 */
export async function revocationWindowMs(
  contestant: Contestant,
  disable: () => Promise<void>,
): Promise<number> {
  const ciphertext = await contestant.encrypt(randomBytes(BYTES));
  await contestant.decrypt(ciphertext);
  await disable();
  const answeredAt = performance.now();
  let last = 0;
  for (;;) {
    const begunAt = performance.now();
    try {
      await contestant.decrypt(ciphertext);
      last = begunAt - answeredAt;
    } catch {
      return last;
    }
  }
}
