import { randomBytes } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Pace } from '../faults/around';
import { Counters } from '../keeping/counters';
import { snapshotIn } from '../keeping/snapshot';
import { Trail } from '../keeping/trail';
import { controlPrefix } from '../loopback/control';
import { listen } from '../loopback/listen';
import { type SeededAccount, seedAccount } from './control/accounts';
import { control } from './control/door';
import { setKeyState } from './control/key-state';
import { type FaultInput, Faults } from './faults';
import type { KeyState, State } from './model/state';
import { World } from './model/world';
import { internalFailure, type Served, serve } from './serve';
import type { TrailRecord } from './trail/record';

export interface AwsEmulatorOptions {
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** Where state survives; absent: nowhere. */
  readonly stateDir?: string;
  /** Epoch milliseconds. Signatures, sessions, deletion and rotation all go by it. */
  readonly clock?: () => number;
  readonly random?: (size: number) => Buffer;
  /** Only delays are made with it. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly controlToken?: string;
  readonly latencyMs?: number;
  /** Objects in one page of a listing of S3; absent: 1,000, as AWS. */
  readonly listAtMost?: number;
}

/** A running emulator of STS, KMS, Secrets Manager, S3 and IAM, all regions, on one loopback port. */
export interface AwsEmulator {
  readonly url: string;
  readonly controlToken: string;
  /** Idempotent by `accountId`, if that's given. */
  createAccount(wanted: { name: string; accountId?: string }): SeededAccount;
  /** @returns the fault's id */
  inject(fault: FaultInput): string;
  /** Clears one fault or all; whatever a `hold` held goes on. */
  clearFaults(id?: string): void;
  /** How often the fault has been applied. */
  hitsOf(faultId: string): number;
  setLatency(ms: number): void;
  /** For states that no API call leads to, such as `Unavailable`. */
  setKeyState(keyArn: string, state: KeyState): void;
  /** Records after that sequence number, oldest first. */
  trail(since?: number): readonly TrailRecord[];
  lastSequence(): number;
  /** `{"kms:Decrypt": {"ok": 12}}` */
  counters(): Record<string, Record<string, number>>;
  close(): Promise<void>;
}

export async function startAwsEmulator(options: AwsEmulatorOptions = {}): Promise<AwsEmulator> {
  const clock = options.clock ?? Date.now;
  const random = options.random ?? randomBytes;
  const controlToken = options.controlToken ?? random(24).toString('base64url');
  const trail = new Trail<TrailRecord>(options.stateDir);
  const world = new World(snapshotIn<State>(options.stateDir), trail, clock, random);
  const faults = new Faults();
  const counters = new Counters();
  const settings: Pace = { latencyMs: options.latencyMs ?? 0 };
  const sleep = options.sleep ?? ((ms: number): Promise<void> => sleepFor(ms));
  const served: Served = {
    ...{ world, faults, counters, settings, sleep },
    listAtMost: options.listAtMost ?? 1_000,
  };
  const listening = await listen(
    {
      answer: async (request) =>
        request.target.startsWith(controlPrefix)
          ? control(served, controlToken, request)
          : serve(served, request),
      failure: (request, error) => internalFailure(request, world.uuid(), error),
      clock,
      release: () => faults.clear(),
    },
    { port: options.port ?? 0 },
  );
  return {
    url: `http://127.0.0.1:${listening.port}`,
    controlToken,
    createAccount: (wanted) => seedAccount(world, wanted),
    inject: (fault) => faults.inject(fault),
    clearFaults: (id) => faults.clear(id),
    hitsOf: (faultId) => faults.hitsOf(faultId),
    setLatency: (ms) => {
      settings.latencyMs = ms;
    },
    setKeyState: (keyArn, state) => setKeyState(world, { keyArn, state }),
    trail: (since = 0) => trail.since(since),
    lastSequence: () => trail.last,
    counters: () => counters.read(),
    close: async () => {
      await listening.close();
      trail.close();
    },
  };
}
