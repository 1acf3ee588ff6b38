/**
 * As much of PromQL as `ops/` uses, and nothing of it otherwise than Prometheus has it:
 *
 *     expr    = sum { ("<" | ">" | "<=" | ">=" | "==" | "!=") sum }, joined by "and" ["on" "(" labels ")"]
 *     sum     = ratio { "-" ratio }      ratio = term { "/" term }
 *     term    = number | "(" expr ")" | func "(" expr { "," expr } ")" | agg ["by" "(" labels ")"] "(" expr ")" | metric
 *     metric  = name ["{" label ("=" | "!=" | "=~" | "!~") string {"," …} "}"] ["[" duration "]"]
 *
 * https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
export interface Matcher {
  readonly label: string;
  readonly is: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}
export type Expr =
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'metric';
      readonly name: string;
      readonly matchers: readonly Matcher[];
      readonly rangeS: number | null;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly kind: 'aggregate'; readonly name: string; readonly by: readonly string[]; readonly of: Expr }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr }
  | {
      readonly kind: 'and';
      readonly on: readonly string[] | null;
      readonly left: Expr;
      readonly right: Expr;
    };

export const AGGREGATES: readonly string[] = ['sum', 'max', 'min'];
export const FUNCTIONS: readonly string[] = ['rate', 'increase', 'time', 'absent', 'histogram_quantile'];
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)([smhd])?|([a-zA-Z_][a-zA-Z0-9_]*)|"([^"\\]*)"|(=~|!~|!=|==|<=|>=|[-/<>=(){}[\],]))/y;

type Token = { readonly kind: 'number' | 'duration' | 'word' | 'string' | 'sign'; readonly text: string };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (match === null) throw new Error(`not PromQL as it is used here, from: ${trimmed.slice(at)}`);
    const [, number, unit, word, string, sign] = match;
    if (number !== undefined)
      tokens.push(
        unit === undefined
          ? { kind: 'number', text: number }
          : { kind: 'duration', text: String(Number(number) * (SECONDS[unit] ?? 0)) },
      );
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (string !== undefined) tokens.push({ kind: 'string', text: string });
    else tokens.push({ kind: 'sign', text: sign ?? '' });
  }
  return tokens;
}

/** @throws Error for anything else */
export function parsePromql(text: string): Expr {
  const tokens = tokensOf(text);
  let at = 0;
  const is = (...texts: string[]): boolean => {
    const token = tokens[at];
    return token !== undefined && token.kind !== 'string' && texts.includes(token.text);
  };
  const take = (kind?: Token['kind']): string => {
    const token = tokens[at];
    if (token === undefined || (kind !== undefined && token.kind !== kind))
      throw new Error(`${kind ?? 'more'} expected in ${text}`);
    at += 1;
    return token.text;
  };
  const need = (sign: string): void => {
    if (!is(sign)) throw new Error(`${sign} expected in ${text}`);
    at += 1;
  };
  const listed = <T>(open: string, close: string, item: () => T): T[] => {
    need(open);
    const items: T[] = [];
    while (!is(close)) {
      items.push(item());
      if (!is(close)) need(',');
    }
    need(close);
    return items;
  };
  const labels = (): string[] => listed('(', ')', () => take('word'));

  function leftmost(signs: readonly string[], operand: () => Expr): Expr {
    let left = operand();
    while (is(...signs)) left = { kind: 'binary', op: take('sign'), left, right: operand() };
    return left;
  }
  const ratio = (): Expr => leftmost(['/'], term);
  const sum = (): Expr => leftmost(['-'], ratio);
  const comparison = (): Expr => leftmost(['<', '>', '<=', '>=', '==', '!='], sum);
  function expr(): Expr {
    let left = comparison();
    while (is('and')) {
      at += 1;
      let on: string[] | null = null;
      if (is('on')) {
        at += 1;
        on = labels();
      }
      left = { kind: 'and', on, left, right: comparison() };
    }
    return left;
  }
  function term(): Expr {
    if (tokens[at]?.kind === 'number') return { kind: 'number', value: Number(take()) };
    if (is('(')) {
      const [inner, ...more] = listed('(', ')', expr);
      if (inner === undefined || more.length > 0) throw new Error(`one expression expected in ${text}`);
      return inner;
    }
    const name = take('word');
    if (AGGREGATES.includes(name)) {
      let by: string[] = [];
      if (is('by')) {
        at += 1;
        by = labels();
      }
      const [of, ...more] = listed('(', ')', expr);
      if (of === undefined || more.length > 0) throw new Error(`${name} takes one expression: ${text}`);
      return { kind: 'aggregate', name, by, of };
    }
    if (FUNCTIONS.includes(name)) return { kind: 'call', name, args: listed('(', ')', expr) };
    return metric(name);
  }
  function metric(name: string): Expr {
    const matchers = is('{')
      ? listed('{', '}', (): Matcher => {
          const label = take('word');
          const sign = take('sign');
          if (sign !== '=' && sign !== '!=' && sign !== '=~' && sign !== '!~')
            throw new Error(`${sign} matches no label in ${text}`);
          return { label, is: sign, value: take('string') };
        })
      : [];
    if (!is('[')) return { kind: 'metric', name, matchers, rangeS: null };
    need('[');
    const rangeS = Number(take('duration'));
    need(']');
    return { kind: 'metric', name, matchers, rangeS };
  }

  const whole = expr();
  if (at < tokens.length) throw new Error(`the end expected in ${text}`);
  return whole;
}

/** Every part of an expression, itself too. */
export function partsOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'metric':
      return [expr];
    case 'call':
      return [expr, ...expr.args.flatMap(partsOf)];
    case 'aggregate':
      return [expr, ...partsOf(expr.of)];
    case 'binary':
    case 'and':
      return [expr, ...partsOf(expr.left), ...partsOf(expr.right)];
    default: {
      const unknown: never = expr;
      throw new Error(`unknown part ${String(unknown)}`);
    }
  }
}
