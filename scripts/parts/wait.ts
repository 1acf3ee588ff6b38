import { setTimeout as delay } from 'node:timers/promises';

/** Asks `holds` until it answers true; false when it hasn't within `withinMs`. A rejected `holds` counts as false. */
export async function waitUntil(
  holds: () => Promise<boolean> | boolean,
  withinMs: number,
  everyMs = 50,
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await Promise.resolve()
      .then(holds)
      .catch(() => false);
    if (answer) return true;
    if (performance.now() >= deadline) return false;
    await delay(everyMs);
  }
}
