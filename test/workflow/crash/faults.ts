import { FAULT_KINDS, type Fault } from '../../fakes/effects';

/**
 * What goes wrong at each place of a trace, from `since` on. `scripts/test` takes the kinds of fault in turn, another one for
 * the side effect than for the call that it is of, so that each step meets two of the three; `SMSK_CRASHES=all` takes every
 * kind at every place.
 */
export function faultsOf(
  trace: readonly string[],
  of: 'effects' | 'calls',
  since = 0,
  all = process.env['SMSK_CRASHES'] === 'all',
): Fault[] {
  const shift = of === 'effects' ? 0 : 1;
  return trace.flatMap((_name, at) => {
    if (at < since) return [];
    const kinds = all
      ? FAULT_KINDS
      : FAULT_KINDS.filter((_kind, nth) => nth === (at + shift) % FAULT_KINDS.length);
    return kinds.map((kind) => ({ at, kind }));
  });
}
