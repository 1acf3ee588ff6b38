import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { DisableKeyCommand, EnableKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import fc from 'fast-check';
import { createWorkspaceCipher, type OperationEvent, systemClock, type WorkspaceCipher } from '../../cipher';
import type { Epoch, KeyRef, OrganizationId } from '../../domain/ids';
import type { ContentRecorder } from '../../domain/ports/content';
import { type AwsFixture, awsFixture } from '../conformance/provider-contract/aws-world';
import { CustodySigner } from '../fakes/cipher/custody-signer';
import { organizationRows, snapshotOf } from '../fakes/cipher/organization';

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
  resumed: () => Promise.resolve(),
};

class Scene {
  readonly events = new Map<string, OperationEvent>();
  readonly arrivals: Arrival[] = [];
  finished = 0;
  readonly #kms: KMSClient;
  #next = 1;
  #onFinished = (): void => undefined;

  private constructor(
    readonly aws: AwsFixture,
    readonly cipher: WorkspaceCipher,
    readonly organization: OrganizationId,
  ) {
    this.#kms = aws.world.customer.kms();
  }

  static async over(aws: AwsFixture, coalesce: 'on' | 'off'): Promise<Scene> {
    const { setUp, provider, keyArn } = aws;
    const signer = new CustodySigner();
    const rows = await organizationRows(signer, {
      organization: setUp.organization,
      keyRef: keyArn as KeyRef,
      roleArn: setUp.roleArn,
      externalId: setUp.externalId,
      wrap: async (bytes, keyVersion, connection) => {
        if (connection === null) throw new Error('customer custody');
        const context = { organization: setUp.organization, purpose: 'workspace-key', keyVersion } as const;
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
      epochFloor: () => Promise.resolve(1 as Epoch),
      coalesce: () => coalesce,
      events: { onOperation, observe: () => undefined, onTrouble: () => undefined },
      clock: systemClock,
      random: randomBytes,
      // A busy machine must not turn into refusals: order is what is judged here.
      limits: { deadlineMs: 60_000 },
    });
    const scene = new Scene(aws, cipher, setUp.organization);
    return scene;
  }

  /** One operation: a decryption of `ciphertext`, or an encryption of a size that no other has. */
  async operate(ciphertext: Buffer | null): Promise<Buffer | null> {
    const kind = ciphertext === null ? 'encrypt' : 'decrypt';
    const bytes = ciphertext === null ? this.#next++ : ciphertext.length - 48;
    const arrival: Arrival = {
      kind,
      bytes,
      sequence: this.aws.world.emulator.lastSequence(),
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

  /** The customer's administrator, with the official SDK. */
  async turn(what: 'off' | 'on'): Promise<void> {
    const command = what === 'off' ? DisableKeyCommand : EnableKeyCommand;
    await this.#kms.send(new command({ KeyId: this.aws.keyArn }));
  }

  /** Judges every success by the trail: which call authorized it, and how the key stood when that was decided. */
  judge(): { refusedAfter: number; disables: number } {
    const trail = this.aws.world.emulator.trail();
    const decrypts = new Map(
      trail.filter((each) => each.eventName === 'Decrypt').map((each) => [each.requestID, each]),
    );
    const switches = trail.filter((each) => ['DisableKey', 'EnableKey'].includes(each.eventName));
    const isOnAt = (sequence: number): boolean =>
      switches.findLast((each) => each.sequence < sequence)?.eventName !== 'DisableKey';

    let refusedAfter = 0;
    for (const { kind, bytes, sequence, succeeded } of this.arrivals) {
      const call = decrypts.get(this.events.get(`${kind} ${bytes}`)?.requestId ?? '');
      if (succeeded !== true) {
        if (!isOnAt(sequence + 1)) refusedAfter++;
        continue;
      }
      // Authorized by an unwrap that was decided after it arrived, while the key was enabled.
      if (call === undefined) throw new Error(`no call in the trail for ${kind} ${bytes}`);
      expect(call.errorCode).toBeUndefined();
      expect(call.sequence).toBeGreaterThan(sequence);
      expect(isOnAt(call.sequence)).toBe(true);
      // Arrived while the key was off: then it was enabled again before the call was decided.
      if (!isOnAt(sequence + 1)) {
        const again = switches.find((each) => each.sequence > sequence && each.eventName === 'EnableKey');
        expect(again?.sequence).toBeLessThan(call.sequence);
      }
    }
    return {
      refusedAfter,
      disables: switches.filter((each) => each.eventName === 'DisableKey').length,
    };
  }
}

/** Fixed, so that a failure can be seen again: the part of `most` operations between one switch and the next. */
const pauses = fc.sample(fc.integer({ min: 0, max: 100 }), { numRuns: 400, seed: 6 });

describe('invariant 6: no operation that arrived after the disable’s answer succeeds', () => {
  it.each([
    [256, 'on', 20_000, 400],
    [32, 'off', 1_500, 50],
  ] as const)(
    'with %i at a time, coalesce %s, %i operations in all',
    async (concurrency, coalesce, total, most) => {
      const pause = (n: number) => ((pauses[n % pauses.length] ?? 0) / 100) * most;
      const aws = await awsFixture();
      try {
        const scene = await Scene.over(aws, coalesce);
        // Half before a call is decided, half after: there is time to arrive in both.
        aws.world.emulator.setLatency(4);
        const workers = Array.from({ length: concurrency }, (_, n) => scene.work(total, n % 16));
        let rounds = 0;
        while (scene.arrivals.length < total) {
          await scene.finishedAtLeast(scene.finished + pause(2 * rounds), total);
          await scene.turn('off');
          // The very next operation, begun in the turn in which the answer came.
          const next = scene.operate(null);
          const arrival = scene.arrivals.at(-1);
          await next;
          expect(arrival?.succeeded).toBe(false);
          await scene.finishedAtLeast(scene.finished + pause(2 * rounds + 1), total);
          await scene.turn('on');
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
        await aws.close();
      }
    },
    120_000,
  );
});
