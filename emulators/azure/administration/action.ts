import type { z } from 'zod';
import type { World } from '../model/world';

/** Something the owner of a tenant or a vault does, that Azure has Resource Manager and Graph for. */
export interface Action<Input, Parsed, Result extends object> {
  readonly schema: z.ZodType<Parsed, Input>;
  /** @throws RangeError for what isn't there, or is there already */
  readonly run: (world: World, input: Parsed) => Result;
}

export function action<Input, Parsed, Result extends object>(
  schema: z.ZodType<Parsed, Input>,
  run: (world: World, input: Parsed) => Result,
): Action<Input, Parsed, Result> {
  return { schema, run };
}
