import fc from 'fast-check';
import { rememberingSignatures } from '../../cipher/remembered-signatures';
import { ProviderFailure } from '../../domain/failure';
import { ManualClock, settled } from '../fakes/cipher/manual-clock';
import { type OrganizationRows, snapshotOf } from '../fakes/cipher/organization';
import { CipherWorld, codeOf } from '../fakes/cipher/world';

/**
 * Invariant 6, under every order in which arrivals, reads, sends, evaluations, answers, usage records, turns of the
 * event loop, disables and enables can happen. Order is told by one counter; no clock judges.
 */
type Step = 'arrive' | 'disable' | 'enable' | 'pass 300 ms' | 'pass 6 s';
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>('arrive') },
  { weight: 2, arbitrary: fc.constant<Step>('disable') },
  { weight: 1, arbitrary: fc.constant<Step>('enable') },
  { weight: 3, arbitrary: fc.constant<Step>('pass 300 ms') },
  { weight: 1, arbitrary: fc.constant<Step>('pass 6 s') },
);

interface Arrival {
  readonly arrivedAt: number;
  code: string | null;
  settledAt: number;
}

/** Signatures are computed once for all runs, so that nothing in a run waits for a thread. */
const origin = new CipherWorld();
const verifier = rememberingSignatures(origin.signer.verifier);
let rows: OrganizationRows;

beforeAll(async () => {
  rows = await origin.organization();
  await origin.cipher({ verifier }).encrypt(rows.id, Buffer.from('warm'), {});
});

async function play(scheduler: fc.Scheduler, steps: readonly Step[], coalesce: 'on' | 'off') {
  const world = new CipherWorld();
  world.rows.set(rows.id, rows);
  world.coalesce = coalesce;
  const later = (what: string) => scheduler.schedule(Promise.resolve(), what);
  world.clock.turn = () => later('turn');
  world.reader = {
    snapshot: async (_, versions) => {
      await later('custody is read');
      return snapshotOf(rows, versions);
    },
  };
  world.recorder = { ...world.recorder, usage: () => later('usage is recorded') };

  let now = 0;
  let isEnabled = true;
  const sentAt: number[] = [];
  const wasEnabled: boolean[] = [];
  /** When a disable was answered, and when the next enable took effect. */
  const closed: { from: number; to: number }[] = [];
  world.keys.answer = async (call) => {
    sentAt[call.number] = ++now;
    await later('call arrives');
    wasEnabled[call.number] = isEnabled;
    const evaluated = isEnabled;
    await later('answer comes back');
    if (!evaluated) throw new ProviderFailure('KEY_DISABLED');
    return world.unwrapped(call);
  };

  const cipher = world.cipher({ verifier });
  const arrivals: Arrival[] = [];
  const answers: Promise<void>[] = [];
  const take = async (what: Step): Promise<void> => {
    switch (what) {
      case 'arrive': {
        const arrival: Arrival = { arrivedAt: ++now, code: null, settledAt: Number.POSITIVE_INFINITY };
        arrivals.push(arrival);
        // The length names the operation in its event.
        const answer = cipher.encrypt(rows.id, Buffer.alloc(arrivals.length), {});
        answers.push(
          codeOf(answer).then((code) => {
            arrival.code = code;
            arrival.settledAt = ++now;
          }),
        );
        return;
      }
      case 'disable':
        isEnabled = false;
        await later('disable is answered');
        if (!isEnabled) closed.push({ from: ++now, to: Number.POSITIVE_INFINITY });
        return;
      case 'enable':
        isEnabled = true;
        now++;
        for (const window of closed) window.to = Math.min(window.to, now);
        return;
      case 'pass 300 ms':
        world.clock.pass(300);
        return;
      case 'pass 6 s':
        world.clock.pass(6_000);
        return;
      default: {
        const unknown: never = what;
        throw new Error(`unknown step ${String(unknown)}`);
      }
    }
  };
  const taken = steps.map((what) => later(what).then(() => take(what)));
  await scheduler.waitIdle();
  // Whoever still waits for a timer (a group that may start beside another, a deadline).
  for (let i = 0; i < 40; i++) {
    world.clock.pass(250);
    await scheduler.waitIdle();
  }
  await Promise.all([...taken, ...answers]);
  return { world, arrivals, closed, sentAt, wasEnabled };
}

const NUMBER = /^request-(\d+)$/;

describe('invariant 6: revocation is immediate', () => {
  it.each(['on', 'off'] as const)(
    'in every interleaving, with coalesce %s',
    async (coalesce) => {
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          fc.array(step, { minLength: 1, maxLength: 30 }),
          async (scheduler, steps) => {
            const { world, arrivals, closed, sentAt, wasEnabled } = await play(scheduler, steps, coalesce);

            expect(world.operations).toHaveLength(arrivals.length);
            for (const event of world.operations) {
              const arrival = arrivals[event.bytes - 1];
              if (event.code !== 'OK' || arrival === undefined) continue;
              const call = Number(NUMBER.exec(event.requestId ?? '')?.[1]);
              // Its unwrap was sent after it arrived, and the provider said yes.
              expect(sentAt[call]).toBeGreaterThan(arrival.arrivedAt);
              expect(wasEnabled[call]).toBe(true);
            }
            // Nobody who arrived after the disable's answer succeeds while the key stays disabled.
            for (const { from, to } of closed) {
              const after = arrivals.filter((each) => each.arrivedAt > from && each.settledAt < to);
              expect(after.filter((each) => each.code === 'OK')).toEqual([]);
            }
            if (coalesce === 'on') expect(world.keys.mostInFlight).toBeLessThanOrEqual(2);
            expect(world.keys.calls.length).toBeLessThanOrEqual(arrivals.length);
            // No key survives its group.
            for (const bytes of world.keys.handedOut) expect(bytes.every((byte) => byte === 0)).toBe(true);
          },
        ),
        { numRuns: 300 },
      );
    },
    60_000,
  );

  it('fails the operation that arrives right after the disable, though a call that was sent before succeeds', async () => {
    const world = new CipherWorld();
    world.rows.set(rows.id, rows);
    const cipher = world.cipher({ verifier });
    let release = (): void => undefined;
    world.keys.answer = async (call) => {
      // Evaluated at once, answered when the test says so.
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return world.unwrapped(call);
    };
    const before = codeOf(cipher.encrypt(rows.id, Buffer.from('before'), {}));
    await settled();
    expect(world.keys.calls).toHaveLength(1);
    world.keys.answer = () => Promise.reject(new ProviderFailure('KEY_DISABLED'));
    const after = codeOf(cipher.encrypt(rows.id, Buffer.from('after'), {}));
    release();
    expect(await before).toBe('OK');
    expect(await after).toBe('KEY_DISABLED');
  });

  it('bounds the calls by round trips: ten thousand arrivals during one call share the next', async () => {
    const world = new CipherWorld();
    world.rows.set(rows.id, rows);
    const cipher = world.cipher({ verifier, limits: { waitingOperations: 20_000 } });
    const first = cipher.encrypt(rows.id, Buffer.from('first'), {});
    await settled();
    const answers = Array.from({ length: 10_000 }, () => cipher.encrypt(rows.id, Buffer.alloc(16), {}));
    await Promise.all([first, ...answers]);
    expect(world.keys.calls).toHaveLength(2);
  });

  it('holds no timer and no group once everybody was answered', async () => {
    const world = new CipherWorld();
    expect(world.clock).toBeInstanceOf(ManualClock);
    world.rows.set(rows.id, rows);
    const cipher = world.cipher({ verifier });
    await Promise.all(Array.from({ length: 10 }, () => cipher.encrypt(rows.id, Buffer.alloc(16), {})));
    await settled();
    expect(world.clock.pending).toBe(0);
  });
});
