import { BlockList, isIP } from 'node:net';
import { glob } from './glob';

/**
 * Condition operators:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * Multivalued keys:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */

/** The request's values of a condition key, by its lower-case name; undefined if the request has no such key. */
export type ConditionKeys = (key: string) => readonly string[] | undefined;

export type Condition = (keys: ConditionKeys) => boolean;

/** Given what the policy wants, a test of one of the request's values. */
type Test = (wanted: string) => (actual: string) => boolean;

const equals: Test = (w) => (a) => a === w;
const equalsIgnoringCase: Test = (w) => (a) => a.toLowerCase() === w.toLowerCase();
const like: Test = (w) => glob(w, 'exact-case');
const arnLike: Test = (w) => {
  const parts = splitArn(w).map((part) => glob(part, 'exact-case'));
  return (a) => {
    const actual = splitArn(a);
    return actual.length === 6 && parts.length === 6 && parts.every((part, i) => part(actual[i] ?? ''));
  };
};
const numeric =
  (compare: (a: number, w: number) => boolean): Test =>
  (w) =>
  (a) =>
    a !== '' && w !== '' && compare(Number(a), Number(w));
const date =
  (compare: (a: number, w: number) => boolean): Test =>
  (w) =>
  (a) =>
    compare(instant(a), instant(w));

const positive: Readonly<Record<string, Test>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsIgnoringCase,
  StringLike: like,
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: equalsIgnoringCase,
  NumericEquals: numeric((a, w) => a === w),
  NumericLessThan: numeric((a, w) => a < w),
  NumericLessThanEquals: numeric((a, w) => a <= w),
  NumericGreaterThan: numeric((a, w) => a > w),
  NumericGreaterThanEquals: numeric((a, w) => a >= w),
  DateEquals: date((a, w) => a === w),
  DateLessThan: date((a, w) => a < w),
  DateLessThanEquals: date((a, w) => a <= w),
  DateGreaterThan: date((a, w) => a > w),
  DateGreaterThanEquals: date((a, w) => a >= w),
  IpAddress: inRange,
};

const negated: Readonly<Record<string, Test>> = {
  StringNotEquals: equals,
  StringNotEqualsIgnoreCase: equalsIgnoringCase,
  StringNotLike: like,
  ArnNotEquals: arnLike,
  ArnNotLike: arnLike,
  NumericNotEquals: numeric((a, w) => a === w),
  DateNotEquals: date((a, w) => a === w),
  NotIpAddress: inRange,
};

/** undefined if the operator, or an address range it's given, isn't one we can evaluate. */
export function compileCondition(
  operator: string,
  key: string,
  wanted: readonly string[],
): Condition | undefined {
  const name = key.toLowerCase();
  if (operator === 'Null') {
    const absent = wanted.includes('true');
    return (keys) => (keys(name) === undefined) === absent;
  }
  const m = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator);
  const [, set, base = '', ifExists] = m ?? [];
  const test = own(positive, base) ?? own(negated, base);
  if (test === undefined || (test === inRange && !wanted.every(isRange))) return undefined;
  const isNegated = own(negated, base) !== undefined;
  const tests = wanted.map(test);
  const holds = (actual: string): boolean => tests.some((t) => t(actual)) !== isNegated;
  return (keys) => {
    const actual = keys(name);
    if (set === 'ForAllValues') return (actual ?? []).every(holds);
    if (set === 'ForAnyValue') return (actual ?? []).some(holds);
    if (actual === undefined) return isNegated || ifExists !== undefined;
    return isNegated ? actual.every(holds) : actual.some(holds);
  };
}

function own(table: Readonly<Record<string, Test>>, name: string): Test | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function splitArn(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function instant(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function inRange(range: string): (address: string) => boolean {
  const [net = '', bits] = range.split('/');
  const family = isIP(net) === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(net, bits === undefined ? widest(net) : Number(bits), family);
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function isRange(text: string): boolean {
  const [net = '', bits, more] = text.split('/');
  const sized = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest(net));
  return isIP(net) !== 0 && sized && more === undefined;
}

function widest(net: string): number {
  return isIP(net) === 4 ? 32 : 128;
}
