import type { Change } from '../../../domain/change';

/** A ledger entry, parsed. */
export interface Entry {
  readonly index: number;
  readonly type: Change['type'];
  readonly actor: { readonly kind: string; readonly name: string };
  readonly operationId: string | null;
  readonly epoch: number | null;
  readonly body: Body;
}
export type Body = Readonly<Record<string, unknown>>;

/** Something that must not happen has happened. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what);
}
