import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 10;
const WITHIN_MS = 60_000;

/** Asks until the answer is as wanted: the clients' half of a wait, the same for both activations. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain: ${JSON.stringify(answer)}`);
    await delay(EVERY_MS);
  }
}
