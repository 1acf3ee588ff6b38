/**
 * Awaits `work`; if it takes longer than a second, `say` gets the label, and every ten seconds the time so far:
 * whoever waits knows for what.
 */
export async function withProgress<T>(
  say: (line: string) => void,
  label: string,
  work: Promise<T>,
  { firstMs = 1_000, everyMs = 10_000 } = {},
): Promise<T> {
  const started = performance.now();
  const announce = setTimeout(() => say(`${label} …`), firstMs);
  const remind = setInterval(
    () => say(`  still ${label}, ${Math.round((performance.now() - started) / 1000)} s`),
    everyMs,
  );
  try {
    return await work;
  } finally {
    clearTimeout(announce);
    clearInterval(remind);
  }
}
