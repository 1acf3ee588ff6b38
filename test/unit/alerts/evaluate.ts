import type { Expr, Matcher } from './promql';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What Prometheus has of one process: two scrapes of it. */
export interface Scraped {
  /** Seconds since the epoch. */
  readonly now: { readonly at: number; readonly samples: readonly Sample[] };
  readonly before: { readonly at: number; readonly samples: readonly Sample[] };
}

type Labels = Sample['labels'];
interface Element {
  readonly labels: Labels;
  readonly value: number;
}
type Value = number | readonly Element[];

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Samples of the text exposition format. @param target the labels that Prometheus gives to what it scrapes */
export function samplesOf(text: string, target: Labels): Sample[] {
  return text.split('\n').flatMap((line) => {
    const match = line.startsWith('#') ? null : LINE.exec(line);
    if (match === null) return [];
    const [, name = '', labels = '', value = ''] = match;
    const own = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, text] as const);
    return [{ name, labels: { ...Object.fromEntries(own), ...target }, value: Number(value) }];
  });
}

/** The elements of an expression; an alert fires for each. */
export function evaluate(expr: Expr, scraped: Scraped): readonly Element[] {
  const value = resultOf(expr, scraped);
  return typeof value === 'number' ? [{ labels: {}, value }] : value;
}

function resultOf(expr: Expr, scraped: Scraped): Value {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'metric':
      if (expr.rangeS !== null) throw new Error(`${expr.name} has a range that nothing takes`);
      return selected(expr, scraped.now.samples);
    case 'call':
      return called(expr.name, expr.args, scraped);
    case 'aggregate':
      return aggregated(expr.name, expr.by, vectorOf(expr.of, scraped));
    case 'binary':
      return combined(expr.op, resultOf(expr.left, scraped), resultOf(expr.right, scraped));
    case 'and': {
      const right = vectorOf(expr.right, scraped);
      const key = (labels: Labels) => keyOf(labels, expr.on);
      const there = new Set(right.map(({ labels }) => key(labels)));
      return vectorOf(expr.left, scraped).filter(({ labels }) => there.has(key(labels)));
    }
    default: {
      const unknown: never = expr;
      throw new Error(`unknown part ${String(unknown)}`);
    }
  }
}

function vectorOf(expr: Expr, scraped: Scraped): readonly Element[] {
  const value = resultOf(expr, scraped);
  if (typeof value === 'number') throw new Error('a vector was expected');
  return value;
}

function selected(
  { name, matchers }: Extract<Expr, { kind: 'metric' }>,
  samples: readonly Sample[],
): readonly Element[] {
  return samples.filter(
    (sample) => sample.name === name && matchers.every((one) => fits(one, sample.labels)),
  );
}

function fits({ label, is, value }: Matcher, labels: Labels): boolean {
  const present = labels[label] ?? '';
  const whole = () => new RegExp(`^(?:${value})$`).test(present);
  switch (is) {
    case '=':
      return present === value;
    case '!=':
      return present !== value;
    case '=~':
      return whole();
    case '!~':
      return !whole();
    default: {
      const unknown: never = is;
      throw new Error(`unknown match ${String(unknown)}`);
    }
  }
}

function called(name: string, args: readonly Expr[], scraped: Scraped): Value {
  const [first, second] = args;
  if (name === 'time') return scraped.now.at;
  if (first === undefined) throw new Error(`${name} of nothing`);
  switch (name) {
    case 'absent':
      return vectorOf(first, scraped).length === 0 ? [{ labels: {}, value: 1 }] : [];
    case 'rate':
    case 'increase': {
      if (first.kind !== 'metric' || first.rangeS === null) throw new Error(`${name} needs a range`);
      const scale = name === 'rate' ? 1 : first.rangeS;
      return perSecond(first, scraped).map(({ labels, value }) => ({ labels, value: value * scale }));
    }
    case 'histogram_quantile': {
      const quantile = resultOf(first, scraped);
      if (typeof quantile !== 'number' || second === undefined) throw new Error(`${name} needs a quantile`);
      return quantileOf(quantile, vectorOf(second, scraped));
    }
    default:
      throw new Error(`unknown function ${name}`);
  }
}

/** A series that wasn't there before says nothing yet, as with Prometheus. */
function perSecond(metric: Extract<Expr, { kind: 'metric' }>, { now, before }: Scraped): Element[] {
  const earlier = new Map(
    selected(metric, before.samples).map(({ labels, value }) => [keyOf(labels, null), value]),
  );
  return selected(metric, now.samples).flatMap(({ labels, value }) => {
    const was = earlier.get(keyOf(labels, null));
    return was === undefined ? [] : [{ labels, value: (value - was) / (now.at - before.at) }];
  });
}

function quantileOf(quantile: number, buckets: readonly Element[]): readonly Element[] {
  const sorted = buckets
    .map(({ labels, value }) => ({ le: Number((labels['le'] ?? '').replace('+Inf', 'Infinity')), value }))
    .sort((one, other) => one.le - other.le);
  const total = sorted.at(-1)?.value ?? 0;
  if (total === 0) return [];
  const rank = quantile * total;
  const at = sorted.findIndex(({ value }) => value >= rank);
  const [below, bucket] = [sorted[at - 1] ?? { le: 0, value: 0 }, sorted[at]];
  if (bucket === undefined || bucket.le === Number.POSITIVE_INFINITY)
    return [{ labels: {}, value: below.le }];
  const share = (rank - below.value) / (bucket.value - below.value);
  return [{ labels: {}, value: below.le + (bucket.le - below.le) * share }];
}

const AGGREGATE: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((one, other) => one + other, 0),
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
};

function aggregated(name: string, by: readonly string[], vector: readonly Element[]): readonly Element[] {
  const aggregate = AGGREGATE[name];
  if (aggregate === undefined) throw new Error(`unknown aggregate ${name}`);
  const groups = new Map<string, { labels: Labels; values: number[] }>();
  for (const { labels, value } of vector) {
    const key = keyOf(labels, by);
    const kept = Object.fromEntries(by.map((label) => [label, labels[label] ?? '']));
    const group = groups.get(key) ?? { labels: kept, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: aggregate(values) }));
}

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '-': (left, right) => left - right,
  '/': (left, right) => left / right,
};
const COMPARE: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
};

function combined(op: string, left: Value, right: Value): Value {
  const arithmetic = ARITHMETIC[op];
  if (arithmetic === undefined) {
    const compare = COMPARE[op];
    if (compare === undefined || typeof left === 'number' || typeof right !== 'number')
      throw new Error(`${op} compares a vector with a number here`);
    return left.filter(({ value }) => compare(value, right));
  }
  if (typeof left === 'number' && typeof right === 'number') return arithmetic(left, right);
  if (typeof left === 'number')
    return (right as readonly Element[]).map(({ labels, value }) => ({
      labels,
      value: arithmetic(left, value),
    }));
  if (typeof right === 'number')
    return left.map(({ labels, value }) => ({ labels, value: arithmetic(value, right) }));
  const others = new Map(right.map(({ labels, value }) => [keyOf(labels, null), value]));
  return left.flatMap(({ labels, value }) => {
    const other = others.get(keyOf(labels, null));
    return other === undefined ? [] : [{ labels, value: arithmetic(value, other) }];
  });
}

/** @param only these labels; `null`: all */
const keyOf = (labels: Labels, only: readonly string[] | null): string =>
  JSON.stringify((only ?? Object.keys(labels).sort()).map((label) => [label, labels[label] ?? '']));
