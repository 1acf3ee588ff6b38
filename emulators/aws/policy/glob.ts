export type Glob = (text: string) => boolean;

/** `*` is any run of characters, `?` exactly one; everything else stands for itself. */
export function glob(pattern: string, letters: 'any-case' | 'exact-case'): Glob {
  if (pattern === '*') return () => true;
  if (!/[*?]/.test(pattern)) {
    if (letters === 'exact-case') return (text) => text === pattern;
    const lower = pattern.toLowerCase();
    return (text) => text.toLowerCase() === lower;
  }
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const expression = new RegExp(`^${source}$`, letters === 'any-case' ? 'is' : 's');
  return (text) => expression.test(text);
}

/** Any of `wanted`, or, if those aren't given, none of `unwanted`. */
export function globAny(
  wanted: readonly string[] | undefined,
  unwanted: readonly string[] | undefined,
  letters: 'any-case' | 'exact-case',
): Glob {
  const globs = (wanted ?? unwanted ?? []).map((p) => glob(p, letters));
  const any: Glob = (text) => globs.some((g) => g(text));
  return wanted === undefined ? (text) => !any(text) : any;
}
