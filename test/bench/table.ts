import type { BenchResult } from './result';

/** What `--json` writes: exactly these members. */
export function jsonOf(results: readonly BenchResult[]): string {
  const lines = results.map(({ name, value, unit, reference, ratio, target, ok, spread }) => ({
    name,
    value,
    unit,
    reference,
    ratio,
    target,
    ok,
    ...(spread === undefined ? {} : { spread }),
  }));
  return `${JSON.stringify({ results: lines }, null, 2)}\n`;
}

const HEADINGS = ['benchmark', 'ours', 'reference', 'ratio', 'spread', 'target', ''];

/** One line per result, numbers to the right. */
export function tableOf(results: readonly BenchResult[]): string {
  const rows = results.map((result) => [
    `${result.name} (${result.unit})`,
    number(result.value),
    number(result.reference),
    number(result.ratio),
    result.spread?.map(number).join('-') ?? '',
    bound(result),
    result.ok ? 'ok' : 'MISSED',
  ]);
  const widths = HEADINGS.map((heading, i) =>
    Math.max(...[heading, ...rows.map((row) => row[i] ?? '')].map(length)),
  );
  return [HEADINGS, ...rows]
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))),
    )
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}

const length = (text: string): number => text.length;

/** Three significant digits, whole from 1,000 on. */
function number(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** A target of 0 is none: the line is there for comparison. */
function bound({ target, bound: kind = 'at-least' }: BenchResult): string {
  if (target === 0) return '-';
  return `${kind === 'at-least' ? '≥' : '≤'} ${target}`;
}
