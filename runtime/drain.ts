/**
 * Runs `stop` once at SIGTERM or SIGINT, in the order given to it, then lets the process end.
 * @param exit injected for tests.
 */
export function drainOnSignal(
  process: NodeJS.Process,
  stop: () => Promise<void>,
  exit: (code: number) => void,
): void {
  let draining = false;
  const drain = () => {
    if (draining) return;
    draining = true;
    stop().then(
      () => exit(0),
      () => exit(1),
    );
  };
  process.once('SIGTERM', drain);
  process.once('SIGINT', drain);
}
