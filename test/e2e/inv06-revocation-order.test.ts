import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createWorkspaceCipher, type OperationEvent, systemClock, type WorkspaceCipher } from '../../cipher';
import type { Epoch, OrganizationId } from '../../domain/ids';
import type { ContentRecorder } from '../../domain/ports/content';
import { CustodySigner } from '../fakes/cipher/custody-signer';
import { organizationRows, snapshotOf } from '../fakes/cipher/organization';
import { SWITCHES, type Switchable } from './revocation/switchable';

/**
 * Invariant 6 on real parts: the official SDK in our provider and in the customer's hands, over HTTP, with the
 * emulator's audit sequence as the judge. No clock decides anything.
 */
interface Arrival {
  readonly kind: 'encrypt' | 'decrypt';
  /** Names the operation in its event: no two of a kind have the same size. */
  readonly bytes: number;
  /** The last sequence the trail had given out when the operation arrived. */
  readonly sequence: number;
  succeeded: boolean | null;
}

const quiet: ContentRecorder = {
  usage: () => Promise.resolve(),
  refused: () => Promise.resolve(),
  answered: () => Promise.resolve(),
};

class Scene {
  readonly events = new Map<string, OperationEvent>();
  readonly arrivals: Arrival[] = [];
  finished = 0;
  #next = 1;
  #onFinished = (): void => undefined;

  private constructor(
    readonly key: Switchable,
    readonly cipher: WorkspaceCipher,
    readonly organization: OrganizationId,
  ) {}

  static async over(key: Switchable, coalesce: 'on' | 'off'): Promise<Scene> {
    const { connection, provider } = key;
    const { organization, pinnedKeyRef } = connection;
    if (pinnedKeyRef === null) throw new Error('the connection is verified');
    const signer = new CustodySigner();
    const rows = await organizationRows(signer, {
      organization,
      connection,
      keyRef: pinnedKeyRef,
      wrap: async (bytes, keyVersion) => {
        const context = { organization, purpose: 'workspace-key', keyVersion } as const;
        return (await provider.wrap(connection, bytes, context, AbortSignal.timeout(10_000))).wrapped;
      },
    });
    const onOperation = (event: OperationEvent): void => {
      scene.events.set(`${event.operation} ${event.bytes}`, event);
    };
    const cipher = createWorkspaceCipher({
      provider,
      platform: { unwrap: () => Promise.reject(new Error('there is no platform path')) },
      reader: { snapshot: (_, versions) => Promise.resolve(snapshotOf(rows, versions)) },
      recorder: quiet,
      verifier: signer.verifier,
      demandOpen: () => undefined,
      epochFloor: () => Promise.resolve(1 as Epoch),
      coalesce: () => coalesce,
      events: { onOperation, observe: () => undefined, onTrouble: () => undefined },
      clock: systemClock,
      random: randomBytes,
      // A busy machine must not turn into refusals: order is what is judged here.
      limits: { deadlineMs: 60_000 },
    });
    const scene = new Scene(key, cipher, organization);
    return scene;
  }

  /** One operation: a decryption of `ciphertext`, or an encryption of a size that no other has. */
  async operate(ciphertext: Buffer | null): Promise<Buffer | null> {
    const kind = ciphertext === null ? 'encrypt' : 'decrypt';
    const bytes = ciphertext === null ? this.#next++ : ciphertext.length - 48;
    const arrival: Arrival = {
      kind,
      bytes,
      sequence: this.key.lastSequence(),
      succeeded: null,
    };
    this.arrivals.push(arrival);
    try {
      const answer =
        ciphertext === null
          ? await this.cipher.encrypt(this.organization, Buffer.alloc(bytes), {})
          : await this.cipher.decrypt(this.organization, ciphertext, {});
      arrival.succeeded = true;
      return ciphertext === null ? answer : null;
    } catch {
      arrival.succeeded = false;
      return null;
    } finally {
      this.finished++;
      this.#onFinished();
    }
  }

  /**
   * Operates one after the other until everybody together has done `total`, with some turns of the event loop
   * between, so that arrivals are strewn over every moment of a call: before it is decided, and after.
   */
  async work(total: number, turns: number): Promise<void> {
    let ciphertext: Buffer | null = null;
    while (this.arrivals.length < total) {
      ciphertext = await this.operate(ciphertext);
      for (let i = 0; i < turns; i++) await setImmediate();
    }
  }

  /** When so many have been answered, or everybody has and no more are to come. */
  finishedAtLeast(count: number, total: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onFinished = () => {
        const isOver = this.arrivals.length >= total && this.finished === this.arrivals.length;
        if (this.finished >= count || isOver) resolve();
      };
      this.#onFinished();
    });
  }

  /** Judges every success by the trail: which call authorized it, and how the key stood when that was decided. */
  judge(): { refusedAfter: number; disables: number } {
    const trail = this.key.trail();
    const unwraps = new Map(trail.filter(({ what }) => what === 'unwrap').map((row) => [row.requestId, row]));
    const switches = trail.filter(({ what }) => what !== 'unwrap');
    const isOnAt = (sequence: number): boolean =>
      switches.findLast((each) => each.sequence < sequence)?.what !== 'off';

    let refusedAfter = 0;
    for (const { kind, bytes, sequence, succeeded } of this.arrivals) {
      const call = unwraps.get(this.events.get(`${kind} ${bytes}`)?.requestId ?? '');
      if (succeeded !== true) {
        if (!isOnAt(sequence + 1)) refusedAfter++;
        continue;
      }
      // Authorized by an unwrap that was decided after it arrived, while the key was enabled.
      if (call === undefined) throw new Error(`no call in the trail for ${kind} ${bytes}`);
      expect(call.refused).toBe(false);
      expect(call.sequence).toBeGreaterThan(sequence);
      expect(isOnAt(call.sequence)).toBe(true);
      // Arrived while the key was off: then it was enabled again before the call was decided.
      if (!isOnAt(sequence + 1)) {
        const again = switches.find((each) => each.sequence > sequence && each.what === 'on');
        expect(again?.sequence).toBeLessThan(call.sequence);
      }
    }
    return {
      refusedAfter,
      disables: switches.filter(({ what }) => what === 'off').length,
    };
  }
}

/** Fixed, so that a failure can be seen again: the part of `most` operations between one switch and the next. */
const pauses = fc.sample(fc.integer({ min: 0, max: 100 }), { numRuns: 400, seed: 6 });

describe.each(SWITCHES)(
  'invariant 6, %s: no operation that arrived after the disable’s answer succeeds',
  (_, open) => {
    it.each([
      [256, 'on', 20_000, 400],
      [32, 'off', 1_500, 50],
    ] as const)(
      'with %i at a time, coalesce %s, %i operations in all',
      async (concurrency, coalesce, total, most) => {
        const pause = (n: number) => ((pauses[n % pauses.length] ?? 0) / 100) * most;
        const key = await open();
        try {
          const scene = await Scene.over(key, coalesce);
          // Half before a call is decided, half after: there is time to arrive in both.
          key.setLatency(4);
          const workers = Array.from({ length: concurrency }, (_, n) => scene.work(total, n % 16));
          let rounds = 0;
          while (scene.arrivals.length < total) {
            await scene.finishedAtLeast(scene.finished + pause(2 * rounds), total);
            await key.turn('off');
            // The very next operation, begun in the turn in which the answer came.
            const next = scene.operate(null);
            const arrival = scene.arrivals.at(-1);
            await next;
            expect(arrival?.succeeded).toBe(false);
            await scene.finishedAtLeast(scene.finished + pause(2 * rounds + 1), total);
            await key.turn('on');
            const restored = scene.operate(null);
            const first = scene.arrivals.at(-1);
            await restored;
            expect(first?.succeeded).toBe(true);
            rounds++;
          }
          await Promise.all(workers);
          expect(scene.arrivals.length).toBeGreaterThanOrEqual(total);
          expect(scene.events.size).toBe(scene.arrivals.length);
          const { refusedAfter, disables } = scene.judge();
          expect(disables).toBe(rounds);
          expect(rounds).toBeGreaterThanOrEqual(5);
          expect(refusedAfter).toBeGreaterThan(total / 20);
          expect(scene.arrivals.filter((each) => each.succeeded === true).length).toBeGreaterThan(total / 20);
        } finally {
          await key.close();
        }
      },
      120_000,
    );
  },
);
