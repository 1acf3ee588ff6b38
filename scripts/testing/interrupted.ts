/** Aborts at the first Ctrl-C or SIGTERM, so that what was started can be ended in order. */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      process.exitCode = name === 'SIGINT' ? 130 : 143;
      controller.abort();
    });
  }
  return controller.signal;
}
