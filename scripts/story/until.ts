import { setTimeout as delay } from 'node:timers/promises';
import type { Client, KeysView, StatusView } from '../../api/client';

/** The status once it's as wanted. @throws Error with what it was at the end of the deadline. */
export async function until(
  client: Client,
  org: string,
  what: string,
  wanted: (status: StatusView) => boolean,
  withinMs = 150_000,
): Promise<StatusView> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const status = await client.status(org);
    if (wanted(status)) return status;
    if (performance.now() > deadline) {
      throw new Error(
        `${what} didn't come: stage ${status.stage}, operation ${JSON.stringify(status.operation)}`,
      );
    }
    await delay(100);
  }
}

/** The same for the customer's keys and their rotation. */
export async function untilKeys(
  client: Client,
  org: string,
  what: string,
  wanted: (keys: KeysView) => boolean,
  withinMs = 150_000,
): Promise<KeysView> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const keys = await client.keys(org);
    if (wanted(keys)) return keys;
    if (performance.now() > deadline)
      throw new Error(`${what} didn't come: ${JSON.stringify(keys.rotation)}`);
    await delay(100);
  }
}
