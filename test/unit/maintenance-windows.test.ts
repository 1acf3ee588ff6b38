import fc from 'fast-check';
import { instantOf, msOf } from '../../domain/ids';
import {
  isExpected,
  LONGEST_WINDOW_MS,
  type MaintenanceWindow,
  quietUntil,
  windowFault,
} from '../../domain/maintenance';

const at = (hours: number) => instantOf(Date.UTC(2026, 2, 1) + hours * 3_600_000);
const between = (from: number, until: number): MaintenanceWindow => ({ from: at(from), until: at(until) });

test('from its first moment to before its last', () => {
  const windows = [between(1, 2)];
  expect([0, 1, 1.5, 2].map((hours) => isExpected(windows, at(hours)))).toEqual([false, true, true, false]);
});

test.each([
  ['it ends before it begins', between(2, 1), 'until: must be after from'],
  ['it has no length', between(2, 2), 'until: must be after from'],
  ['it is longer than 7 days', between(2, 2 + 7 * 24 + 1), 'until: must be at most 7 days after from'],
  ['it is past', between(-2, -1), 'until: is past'],
  ['7 days are not too long', between(2, 2 + 7 * 24), null],
  ['it began already', between(-2, 1), null],
])('%s', (_, window, fault) => {
  expect(windowFault(window, at(0))).toBe(fault);
});

test('quiet through windows that follow one another, and not for what began outside', () => {
  const windows = [between(4, 8), between(1, 4), between(10, 12)];
  expect(quietUntil(windows, at(2), at(3))).toBe(at(8));
  expect(quietUntil(windows, at(0), at(3))).toBeNull();
  expect(quietUntil(windows, at(2), at(9))).toBeNull();
  expect(quietUntil(windows, at(2), at(11))).toBe(at(12));
});

const hour = fc.integer({ min: 0, max: 60 });
const someWindows = fc.array(
  fc.tuple(hour, fc.integer({ min: 1, max: 20 })).map(([from, length]) => between(from, from + length)),
  { maxLength: 6 },
);

test('quiet means: expected at every moment until then, and no longer', () => {
  fc.assert(
    fc.property(someWindows, hour, hour, (windows, opened, now) => {
      const quiet = quietUntil(windows, at(opened), at(now));
      const isQuiet = isExpected(windows, at(opened)) && isExpected(windows, at(now));
      expect(quiet !== null).toBe(isQuiet);
      if (quiet === null) return;
      for (let hours = now; at(hours) < quiet; hours += 0.5)
        expect(isExpected(windows, at(hours))).toBe(true);
      expect(isExpected(windows, quiet)).toBe(false);
    }),
  );
});

test('whatever is let in is at most 7 days, and not over', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (from, length) => {
      const window = { from: instantOf(from), until: instantOf(from + length) };
      if (windowFault(window, at(0)) !== null) return;
      expect(msOf(window.until) - msOf(window.from)).toBeLessThanOrEqual(LONGEST_WINDOW_MS);
      expect(window.until > at(0)).toBe(true);
    }),
  );
});
