import fc from 'fast-check';
import { statusText } from '../../cli/words/status';
import { type Instant, instantOf, msOf } from '../../domain/ids';
import type { Row } from '../fakes/api/store';
import { type ApiWorld, createApiWorld, NOW } from '../fakes/api/world';

const DAY_S = 86_400;
const secondsOf = (instant: Instant): number => Math.floor(msOf(instant) / 1000);

let world: ApiWorld;
beforeEach(async () => {
  world = await createApiWorld();
  inCustomerCustody(world.acme);
});
afterEach(() => world.close());

function inCustomerCustody(row: Row): void {
  const custody = { custody: 'customer', currentVersion: 2, sealing: false };
  row.status = { ...row.status, custody: custody as NonNullable<Row['status']['custody']> };
}

async function accept(kind: 'order' | 'withdrawal', seq: number, days: number): Promise<void> {
  const iat = secondsOf(world.clock.now);
  const signed = await world.order({ kind, seq, orderRef: `SO-${seq}`, iat, exp: iat + days * DAY_S });
  await world.client('commerce').submitOrder('acme', signed);
}

const pass = (days: number): void => {
  world.clock.now = instantOf(msOf(world.clock.now) + days * DAY_S * 1000);
};
const status = () => world.client('support').status('acme');

describe('an order’s end', () => {
  test('says nothing while more than 30 days are left, then when it ends, then since when it has', async () => {
    await accept('order', 1, 90);
    expect(await status()).toMatchObject({ posture: 'normal', entitlement: null });
    pass(59);
    expect(await status()).toMatchObject({ posture: 'normal', entitlement: null });
    pass(1);
    const ends = '2026-08-30T00:00:00.000Z';
    const ending = await status();
    expect(ending).toMatchObject({ posture: 'warning', entitlement: { state: 'ending', at: ends } });
    expect(statusText(ending)).toMatch(
      /posture +warning\n(?:.*\n)*? +order +SO-1: ending, 2026-08-30T00:00:00\.000Z\n/,
    );
    pass(30);
    const ended = await status();
    expect(ended).toMatchObject({ posture: 'warning', entitlement: { state: 'ended', at: ends } });
    expect(statusText(ended)).toMatch(/order +SO-1: ended since 2026-08-30T/);
  });

  test('offers what there is: a new order ends the warning; offboarding needs both approvals and the provider', async () => {
    await accept('order', 1, 90);
    await accept('withdrawal', 2, 1);
    pass(400);
    const withdrawn = await status();
    expect(withdrawn.entitlement).toMatchObject({ state: 'withdrawn', orderRef: 'SO-2', at: NOW });
    const words = statusText(withdrawn);
    expect(words).toMatch(/Nothing changes by itself/);
    expect(words).toMatch(
      /offboarding, which both the customer and the operator approve, .* provider that answers/,
    );
    await accept('order', 3, 365);
    expect(await status()).toMatchObject({ posture: 'normal', entitlement: null });
  });

  test('of an order that nobody we trust signed, or none, is said as that: a row entitles nobody', async () => {
    expect((await status()).entitlement).toMatchObject({ state: 'unproved', at: null });
    const forged = await world.order({ exp: secondsOf(NOW) + 900 * DAY_S }, world.approver);
    world.acme.orders.push({ jws: forged, seq: 9, kind: 'order' });
    const shown = await status();
    expect(shown).toMatchObject({ posture: 'warning', entitlement: { state: 'unproved', at: null } });
    expect(statusText(shown)).toMatch(/order +unproved\n +No order for customer custody can be proved/);
  });

  test('is nothing to say of under platform custody, and no reason to hide anything worse', async () => {
    await accept('order', 1, 10);
    world.acme.status = { ...world.acme.status, posture: 'degraded' };
    expect(await status()).toMatchObject({ posture: 'degraded', entitlement: { state: 'ending' } });
    world.acme.status = { ...world.acme.status, custody: null, posture: 'normal' };
    expect(await status()).toMatchObject({ posture: 'normal', entitlement: null });
  });
});

const step = fc.oneof(
  fc.record({ does: fc.constant('order' as const), days: fc.integer({ min: 1, max: 120 }) }),
  fc.record({ does: fc.constant('withdrawal' as const), days: fc.integer({ min: 1, max: 120 }) }),
  fc.record({ does: fc.constant('older' as const), days: fc.integer({ min: 1, max: 120 }) }),
  fc.record({ does: fc.constant('pass' as const), days: fc.integer({ min: 1, max: 90 }) }),
);

test('inv12: whatever becomes of orders, custody stands and nothing is started; the status is the newest order’s', async () => {
  await fc.assert(
    fc
      .asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        let seq = 0;
        let newest: { kind: 'order' | 'withdrawal'; endMs: number } | null = null;
        for (const { does, days } of steps) {
          if (does === 'pass') pass(days);
          else if (does === 'older') await expect(accept('order', 0.5 + seq, days)).rejects.toThrow();
          else {
            seq += 1;
            await accept(does, seq, days);
            newest = { kind: does, endMs: msOf(world.clock.now) + days * DAY_S * 1000 };
          }
          const { custody, operation, sealing, entitlement } = await status();
          expect({ custody, operation, sealing }).toEqual({
            custody: 'customer',
            operation: null,
            sealing: false,
          });
          expect(entitlement?.state ?? null).toBe(expected(newest, msOf(world.clock.now)));
        }
        expect(world.workflows.sent).toEqual([]);
        const types = world.acme.entries.map((entry) => (JSON.parse(entry) as { type: string }).type);
        expect(
          types.every((type) => ['organization-created', 'order-accepted', 'refusal'].includes(type)),
        ).toBe(true);
      })
      .beforeEach(async () => {
        await world.close();
        world = await createApiWorld();
        inCustomerCustody(world.acme);
      }),
    { numRuns: 20 },
  );
});

function expected(newest: { kind: string; endMs: number } | null, nowMs: number): string | null {
  if (newest === null) return 'unproved';
  if (newest.kind === 'withdrawal') return 'withdrawn';
  if (nowMs >= newest.endMs) return 'ended';
  return nowMs >= newest.endMs - 30 * DAY_S * 1000 ? 'ending' : null;
}
