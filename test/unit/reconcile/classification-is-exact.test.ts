import fc from 'fast-check';
import type { Claim, Claims } from '../../../cli/evidence/reconcile/claims';
import { providerRecordOf } from '../../../cli/evidence/reconcile/read-record';
import { DELAY_MS, Reconciliation, SLACK_MS } from '../../../cli/evidence/reconcile/reconciliation';
import type { ProviderName } from '../../../domain/custody';
import { KEYS, type Made, RENDER } from './records';

const HOUR = 3_600_000;
const BEGIN = Date.parse('2026-03-01T10:00:00.000Z');
const PROVIDERS = ['aws-kms', 'azure-key-vault'] as const;

/** What becomes of one call, and where it's drawn that it has to go. */
type Fate = 'matched' | 'refused' | 'named' | 'outside' | 'denied' | 'oursOnly' | 'idle' | 'late' | 'before';
const fate = fc.constantFrom<Fate>(
  ...(['matched', 'refused', 'named', 'outside', 'denied', 'oursOnly', 'idle', 'late', 'before'] as const),
);

function claim(provider: ProviderName, requestId: string | null, atMs: number, operations = 1): Claim {
  return { requestId, provider, key: KEYS[provider], atMs, purpose: 'decrypt', operations };
}

const claims = (rows: readonly Claim[], named: readonly string[] = []): Claims => ({
  rows,
  named: new Set(named),
  keys: new Set(Object.values(KEYS)),
  window: { fromMs: BEGIN, toMs: BEGIN + 6 * HOUR },
  unbound: 0,
  platform: 0,
});

function reconcile(provider: ProviderName, said: Claims, made: readonly Made[]) {
  const reconciliation = new Reconciliation(said);
  for (const each of made) {
    const record = providerRecordOf(RENDER[provider](each));
    if (record === null || record === 'unrelated') throw new Error('the record was not read');
    reconciliation.add(record);
  }
  return reconciliation.result();
}

/** The log's first and last record: of another key, so that they say nothing but how far it goes. */
const ends = (provider: ProviderName): Made[] => {
  const key = provider === 'aws-kms' ? `${KEYS[provider]}9` : 'https://acme.vault.azure.net/keys/other';
  return [BEGIN - HOUR, BEGIN + 5 * HOUR].map((atMs, i) => ({ id: `end-${i}`, atMs, key }));
};

describe.each(PROVIDERS)('%s', (provider) => {
  test('any mixture, in any order and with any records twice, is told apart exactly', () => {
    const call = fc.record({ fate, minute: fc.integer({ min: 1, max: 280 }), twice: fc.boolean() });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), fc.infiniteStream(fc.nat()), (calls, order) => {
        const rows: Claim[] = [];
        const named: string[] = [];
        const made: Made[] = ends(provider);
        const expected = new Map<Fate | 'twice', number>();
        const count = (what: Fate | 'twice') => expected.set(what, (expected.get(what) ?? 0) + 1);
        for (const [i, { fate: what, minute, twice }] of calls.entries()) {
          const [id, atMs] = [`request-${i}`, BEGIN + minute * 60_000];
          count(what);
          const isLogged = !['oursOnly', 'idle', 'late'].includes(what);
          const refusal = what === 'refused' || what === 'denied' ? 'Forbidden' : undefined;
          const at = what === 'before' ? BEGIN - 60_000 - minute * 1_000 : atMs;
          const late = BEGIN + 5 * HOUR - DELAY_MS[provider] + 1_000;
          if (what === 'matched') rows.push(claim(provider, id, at + 40));
          if (what === 'refused' || what === 'idle') rows.push(claim(provider, id, at + 40, 0));
          // What the log may not have yet is at its end; what it should have is well before.
          if (what === 'oursOnly') rows.push(claim(provider, id, at));
          if (what === 'late') rows.push(claim(provider, id, late));
          if (what === 'named') named.push(id);
          if (!isLogged) continue;
          const one = { id, atMs: at, ...(refusal === undefined ? {} : { refusal }) };
          made.push(one);
          if (!twice) continue;
          made.push(one);
          count('twice');
        }
        made.sort(() => ((order.next().value ?? 0) % 2 === 0 ? 1 : -1));
        const result = reconcile(provider, claims(rows, named), made);
        const of = (what: Fate | 'twice') => expected.get(what) ?? 0;
        expect({
          matched: result.matched,
          outside: result.outside.count,
          denied: result.denied.count,
          oursOnly: result.oursOnly.count,
          idle: result.idle,
          late: result.late,
          before: result.unjudged.records,
          twice: result.duplicates,
          other: result.other,
        }).toEqual({
          matched: { done: of('matched'), refused: of('refused'), named: of('named') },
          outside: of('outside'),
          denied: of('denied'),
          oursOnly: of('oursOnly'),
          idle: of('idle'),
          late: of('late'),
          before: of('before'),
          twice: of('twice'),
          other: 2,
        });
      }),
    );
  });

  test('an id is good for one record: whoever calls with one that was ours is from outside', () => {
    const at = BEGIN + HOUR;
    const again = { id: 'ours', atMs: at + 60_000, principal: 'somebody', operation: 'KeyUnwrap' };
    const made = [
      { id: 'ours', atMs: at },
      { ...again, ...(provider === 'aws-kms' && { operation: 'Decrypt' }) },
    ];
    const result = reconcile(
      provider,
      claims([claim(provider, 'ours', at)]),
      provider === 'aws-kms' ? made.slice(0, 1) : made,
    );
    expect(result.matched.done).toBe(1);
    expect(result.outside.count).toBe(provider === 'aws-kms' ? 0 : 1);
  });

  test('a call that we never got the answer of is known by its key, its caller and its time, once', () => {
    const at = BEGIN + HOUR;
    const rows = [claim(provider, 'ours', at), claim(provider, null, at + 5_000, 0)];
    const unknown = (id: string, more: Partial<Made> = {}) => ({ id, atMs: at + 2_000, ...more });
    const known = { id: 'ours', atMs: at };
    const found = (...made: Made[]) => {
      const { byTime, outside } = reconcile(provider, claims(rows), [...made, known]);
      return { byTime, outside: outside.count };
    };
    expect(found(unknown('x'))).toEqual({ byTime: 1, outside: 0 });
    expect(found(unknown('x'), unknown('y'))).toEqual({ byTime: 1, outside: 1 });
    expect(found(unknown('x', { principal: 'somebody-else' }))).toEqual({ byTime: 0, outside: 1 });
    expect(found(unknown('x', { atMs: at + 5_000 + SLACK_MS + 1_000 }))).toEqual({ byTime: 0, outside: 1 });
  });

  test('who is from outside is named: caller, operation, source, when', () => {
    const at = BEGIN + HOUR;
    const thief = { id: 'theirs', atMs: at, principal: 'thief' };
    const { outside } = reconcile(provider, claims([]), [thief, { ...thief, id: 'b', atMs: at + 1_000 }]);
    expect(outside.groups()).toEqual([
      {
        principal: provider === 'aws-kms' ? 'thief' : 'app thief',
        operation: provider === 'aws-kms' ? 'Decrypt' : 'KeyUnwrap',
        source: '203.0.113.7',
        count: 2,
        firstMs: at,
        lastMs: at + 1_000,
      },
    ]);
  });

  test('with no usage rows at all, nothing is judged', () => {
    const none = { ...claims([]), window: null };
    const result = reconcile(provider, none, [{ id: 'x', atMs: BEGIN + HOUR }]);
    expect(result).toMatchObject({ unjudged: { records: 1 }, matched: { done: 0 } });
    expect(result.outside.count).toBe(0);
  });
});
