/**
 * A group of tests that needs what not every machine has. Without it the group is skipped, its name says what to do
 * about that, and `scripts/test` repeats it; it counts as neither passed nor failed. The only place that may skip.
 * @param missing what has to be there or set; `null`: all of it is
 */
export function optional(name: string, missing: string | null, tests: () => void): void {
  const group = missing === null ? describe : describe.skip;
  group(missing === null ? name : `${name} (to run it: ${missing})`, tests);
}
