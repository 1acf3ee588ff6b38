import fc from 'fast-check';
import type { Caller } from '../../../emulators/aws/model/caller';
import { compilePolicy, PolicyMalformed } from '../../../emulators/aws/policy/document';
import { judge } from '../../../emulators/aws/policy/evaluate';
import { glob } from '../../../emulators/aws/policy/glob';

/** The evaluator against its own laws, on policies nobody would write by hand. */

const account = '111122223333';
const actions = ['kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey', 'kms:*', 'kms:En*', '*'];
const resource = `arn:aws:kms:eu-central-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const principals = [
  '*',
  account,
  `arn:aws:iam::${account}:root`,
  `arn:aws:iam::${account}:user/u`,
  '444455556666',
  `arn:aws:iam::${account}:user/v`,
];

interface Simple {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string;
  readonly org?: string | undefined;
  readonly principal: string;
}

const statement: fc.Arbitrary<Simple> = fc.record({
  Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
  Action: fc.constantFrom(...actions),
  org: fc.option(fc.constantFrom('acme', 'other'), { nil: undefined }),
  principal: fc.constantFrom(...principals),
});
const statements = fc.array(statement, { maxLength: 5 });

function policy(kind: 'identity' | 'key', simple: readonly Simple[]): string {
  const Statement = simple.map(({ Effect, Action, org, principal }) => ({
    Effect,
    Action,
    Resource: '*',
    ...(kind === 'key' ? { Principal: { AWS: principal } } : {}),
    ...(org === undefined ? {} : { Condition: { StringEquals: { 'kms:EncryptionContext:org': org } } }),
  }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

function userWith(identity: readonly Simple[], inAccount = account): Caller {
  const policies = new Map([['p', policy('identity', identity)]]);
  const user = { name: 'u', path: '/', id: 'AIDAEXAMPLE', createdAt: 0, policies, accessKeys: new Map() };
  return { kind: 'user', account: inAccount, accessKeyId: 'AKIAEXAMPLE', user };
}

function allowed(caller: Caller, key: readonly Simple[], action: string, org: string): boolean {
  const keys = (name: string): readonly string[] | undefined =>
    name === 'kms:encryptioncontext:org' ? [org] : undefined;
  return judge({ caller, action, resource, keys }, { kind: 'key', text: policy('key', key), account })
    .allowed;
}

/** The rules once more, as plainly as they can be said, over the same simple statements. */
function expected(
  caller: Caller,
  identity: readonly Simple[],
  key: readonly Simple[],
  action: string,
  org: string,
): boolean {
  const covers = (s: Simple): boolean =>
    (s.Action === '*' ||
      s.Action === 'kms:*' ||
      s.Action === action ||
      (s.Action === 'kms:En*' && action === 'kms:Encrypt')) &&
    (s.org === undefined || s.org === org);
  const whole = [caller.account, `arn:aws:iam::${caller.account}:root`];
  const direct = ['*', `arn:aws:iam::${caller.account}:user/u`];
  const mine = key.filter((s) => covers(s) && [...whole, ...direct].includes(s.principal));
  const own = identity.filter(covers);
  if ([...mine, ...own].some((s) => s.Effect === 'Deny')) return false;
  const identityAllows = own.length > 0;
  if (caller.account === account && mine.some((s) => direct.includes(s.principal))) return true;
  return mine.length > 0 && identityAllows;
}

describe('policies', () => {
  const askedFor = fc.constantFrom('kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey');
  const org = fc.constantFrom('acme', 'other', 'third');
  const home = fc.constantFrom(account, '444455556666');

  it('are judged as the plain rules say', () => {
    fc.assert(
      fc.property(statements, statements, askedFor, org, home, (identity, key, action, inOrg, where) => {
        const caller = userWith(identity, where);
        expect(allowed(caller, key, action, inOrg)).toBe(expected(caller, identity, key, action, inOrg));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never allow more when a denial is added, whatever it covers', () => {
    fc.assert(
      fc.property(
        statements,
        statements,
        statement,
        askedFor,
        org,
        home,
        (identity, key, extra, action, inOrg, where) => {
          const caller = userWith(identity, where);
          const denied = [...key, { ...extra, Effect: 'Deny' as const }];
          if (allowed(caller, denied, action, inOrg)) expect(allowed(caller, key, action, inOrg)).toBe(true);
        },
      ),
    );
  });

  it('do not depend on the order of statements', () => {
    fc.assert(
      fc.property(statements, statements, askedFor, org, (identity, key, action, inOrg) => {
        const forwards = allowed(userWith(identity), key, action, inOrg);
        expect(allowed(userWith([...identity].reverse()), [...key].reverse(), action, inOrg)).toBe(forwards);
      }),
    );
  });

  it('match wildcards as a search by hand does', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 6 });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        expect(glob(pattern, 'exact-case')(text)).toBe(byHand(pattern, text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['no JSON', '{'],
    ['no statement', '{"Version":"2012-10-17"}'],
    ['a misspelt member', '{"Statement":{"Effect":"Allow","Actions":"*","Resource":"*"}}'],
    [
      'a principal where none belongs',
      '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}',
    ],
    [
      'an unknown operator',
      '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLooks":{"a:b":"c"}}}}',
    ],
    [
      'an operator by an inherited name',
      '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"constructor":{"a:b":"c"}}}}',
    ],
    [
      'a policy variable',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it's IAM's syntax
      '{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}"}}',
    ],
    ['an action without service', '{"Statement":{"Effect":"Allow","Action":"Encrypt","Resource":"*"}}'],
    [
      'a range that is none',
      '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/99"}}}}',
    ],
  ])('are refused with %s', (_case, text) => {
    expect(() => compilePolicy(text, 'identity')).toThrow(PolicyMalformed);
  });

  it.each([
    ['StringEquals', 'x', ['x'], true],
    ['StringEquals', 'x', undefined, false],
    ['StringNotEquals', 'x', undefined, true],
    ['StringNotEquals', ['x', 'y'], ['y'], false],
    ['StringEqualsIfExists', 'x', undefined, true],
    ['StringEqualsIgnoreCase', 'X', ['x'], true],
    ['StringLike', 'smsk:*', ['smsk:acme'], true],
    ['StringNotLike', 'smsk:*', ['smsk:acme'], false],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringEquals', ['a'], undefined, true],
    ['ForAnyValue:StringEquals', ['a'], ['b', 'a'], true],
    ['ForAnyValue:StringEquals', ['a'], undefined, false],
    ['Bool', 'true', ['true'], true],
    ['Bool', true, ['false'], false],
    ['Null', 'true', undefined, true],
    ['Null', 'false', undefined, false],
    ['NumericLessThanEquals', 7, ['7'], true],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', ['2026-06-01T00:00:00.000Z'], true],
    ['IpAddress', '127.0.0.0/8', ['127.0.0.1'], true],
    ['NotIpAddress', '127.0.0.0/8', ['127.0.0.1'], false],
    ['ArnLike', 'arn:aws:iam::*:role/smsk*', ['arn:aws:iam::111122223333:role/smsk-1'], true],
    ['ArnLike', 'arn:aws:iam::*', ['arn:aws:iam::111122223333:role/smsk-1'], false],
  ])('condition %s %j holds for %j: %s', (operator, wanted, actual, holds) => {
    const Condition = { [operator]: { 'test:Key': wanted } };
    const text = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition } });
    const [only] = compilePolicy(text, 'identity').statements;
    expect(only?.conditions.every((c) => c((name) => (name === 'test:key' ? actual : undefined)))).toBe(
      holds,
    );
  });
});

function byHand(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const [head, rest] = [pattern.charAt(0), pattern.slice(1)];
  if (head === '*') return byHand(rest, text) || (text !== '' && byHand(pattern, text.slice(1)));
  return text !== '' && (head === '?' || head === text.charAt(0)) && byHand(rest, text.slice(1));
}
