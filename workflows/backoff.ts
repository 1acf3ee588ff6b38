const FROM_MS = 1_000;
const AT_MOST_MS = 300_000;

/** How long to wait before the next try of what may take weeks, in milliseconds. @param tries that failed before this one */
export const backoffMs = (tries: number): number => Math.min(AT_MOST_MS, FROM_MS * 2 ** Math.min(tries, 20));
