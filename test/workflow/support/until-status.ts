import type { OperationStatus } from '../../../workflows/contract';

/** Polls until the run says so; a deadline, no fixed wait. @throws Error with what it says instead */
export async function untilStatus(
  ask: () => Promise<OperationStatus>,
  what: string,
  holds: (status: OperationStatus) => boolean,
): Promise<OperationStatus> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const status = await ask();
    if (holds(status)) return status;
    if (Date.now() > deadline) throw new Error(`never ${what}: ${JSON.stringify(status)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
