import type { z } from 'zod';
import type { Refusal } from '../domain/failure';
import { refused } from './failures';

/** What zod found wrong, by field, in words; never a value, and never a member's name that isn't ours. */
export function fieldErrors(error: z.ZodError): string {
  const lines = error.issues.slice(0, 5).map((issue) => {
    const field = issue.path.length === 0 ? 'the input' : issue.path.map(String).join('.');
    switch (issue.code) {
      case 'unrecognized_keys':
        return `${field}: has a member that isn’t known`;
      case 'invalid_type':
        return `${field}: must be ${issue.expected === 'string' ? 'a text' : `of type ${issue.expected}`}`;
      case 'invalid_value':
        return `${field}: must be ${issue.values.map(String).join(' or ')}`;
      case 'invalid_union':
        return `${field}: is of no kind we know`;
      // Their messages are the grammars' own words, or name a limit.
      case 'custom':
      case 'invalid_format':
      case 'invalid_element':
      case 'invalid_key':
      case 'not_multiple_of':
      case 'too_big':
      case 'too_small':
        return `${field}: ${issue.message}`;
      default: {
        const unknown: never = issue;
        throw new Error(`unknown issue ${String(unknown)}`);
      }
    }
  });
  return lines.join('; ');
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function parseFields<S extends z.ZodType>(schema: S, input: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(input);
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, refusal: refused('INPUT_INVALID', fieldErrors(result.error)) };
}
