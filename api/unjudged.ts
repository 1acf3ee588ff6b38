import type { z } from 'zod';

/** A body without the members that are of their own grammar. */
export function unjudged(
  body: unknown,
  judged: Readonly<Record<string, z.ZodType>> = {},
  path = '',
): unknown {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return body;
  const kept = Object.entries(body).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}/${name}`;
    if (judged[at]?.safeParse(member).success === true) return [];
    const isOuter = Object.keys(judged).some((other) => other.startsWith(`${at}/`));
    return [[name, isOuter ? unjudged(member, judged, at) : member]];
  });
  return Object.fromEntries(kept);
}
