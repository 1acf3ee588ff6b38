import { Context } from '@temporalio/activity';

/**
 * Runs an activity while saying, three times in each heartbeat timeout, that its worker is alive: a killed worker's
 * activity is given to another one that soon, and not only when its whole time has passed. The answer to a
 * heartbeat is also how an activity learns that it was cancelled.
 */
export async function whileAlive<T>(run: () => Promise<T>): Promise<T> {
  const context = present();
  const timeoutMs = context?.info.heartbeatTimeoutMs;
  if (context === null || timeoutMs === undefined || timeoutMs === 0) return run();
  const timer = setInterval(() => context.heartbeat(), timeoutMs / 3);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}

/** `null` where the function is called without Temporal. */
export function present(): Context | null {
  try {
    return Context.current();
  } catch {
    return null;
  }
}
