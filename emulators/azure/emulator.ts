import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import type { Pace } from '../faults/around';
import { Counters } from '../keeping/counters';
import { snapshotIn } from '../keeping/snapshot';
import { Trail } from '../keeping/trail';
import { controlPrefix } from '../loopback/control';
import { listen } from '../loopback/listen';
import { type ActionInput, type ActionName, type ActionResult, administer } from './administration/actions';
import { control } from './control/door';
import { type FaultInput, Faults } from './faults';
import type { State } from './model/state';
import { World } from './model/world';
import { internalFailure, resolves, type Served, serve } from './serve';
import type { AuditRow } from './trail/row';
import { RequestLimit } from './vault/request-limit';

export interface AzureEmulatorOptions {
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** Where state survives, and where `ca.pem` is written; absent: nowhere. */
  readonly stateDir?: string;
  /** Epoch milliseconds. Tokens, certificates of apps, keys and deletions all go by it; TLS doesn't. */
  readonly clock?: () => number;
  readonly random?: (size: number) => Buffer;
  /** Only delays are made with it. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly controlToken?: string;
  readonly latencyMs?: number;
}

/** A running emulator of Entra ID and Key Vault, all clouds, on one loopback port that speaks TLS. */
export interface AzureEmulator {
  /** `https://localhost:<port>`: the control door; services are asked for by their own host names. */
  readonly url: string;
  readonly port: number;
  /** PEM of the authority that the server's certificate is from. */
  readonly ca: string;
  readonly controlToken: string;
  /** What the owners of tenants and vaults do; by the names of the control door's routes. */
  administer<Name extends ActionName>(route: Name, input: ActionInput<Name>): ActionResult<Name>;
  /** Whether a resolver would know the host name. */
  resolves(host: string): boolean;
  /** @returns the fault's id */
  inject(fault: FaultInput): string;
  /** Clears one fault or all; whatever a `hold` held goes on. */
  clearFaults(id?: string): void;
  /** How often the fault has been applied. */
  hitsOf(faultId: string): number;
  setLatency(ms: number): void;
  /** Audit rows after that sequence number, oldest first, of vaults whose diagnostics are on. */
  trail(since?: number): readonly AuditRow[];
  lastSequence(): number;
  /** `{"vault:KeyUnwrap": {"ok": 12, "KeyDisabled": 1}}` */
  counters(): Record<string, Record<string, number>>;
  close(): Promise<void>;
}

export async function startAzureEmulator(options: AzureEmulatorOptions = {}): Promise<AzureEmulator> {
  const clock = options.clock ?? Date.now;
  const random = options.random ?? randomBytes;
  const controlToken = options.controlToken ?? random(24).toString('base64url');
  const trail = new Trail<AuditRow>(options.stateDir);
  const world = new World(snapshotIn<State>(options.stateDir), trail, clock, random);
  const { tls } = world.state;
  if (options.stateDir !== undefined) writeFileSync(join(options.stateDir, 'ca.pem'), tls.ca);
  const faults = new Faults();
  const counters = new Counters();
  const pace: Pace = { latencyMs: options.latencyMs ?? 0 };
  const sleep = options.sleep ?? ((ms: number): Promise<void> => sleepFor(ms));
  const served: Served = { world, faults, counters, pace, sleep, limit: new RequestLimit() };
  const context = createSecureContext({ cert: tls.certificate, key: tls.privateKey });
  const listening = await listen(
    {
      answer: async (request) =>
        request.target.startsWith(controlPrefix)
          ? control(served, controlToken, request)
          : serve(served, request),
      failure: (_request, error) => internalFailure(world.uuid(), error),
      clock,
      release: () => faults.clear(),
    },
    {
      port: options.port ?? 0,
      tls: {
        cert: tls.certificate,
        key: tls.privateKey,
        // A name that doesn't resolve has no server behind it.
        SNICallback: (name, done) =>
          name === 'localhost' || resolves(world, name)
            ? done(null, context)
            : done(new Error(`no host ${name}`)),
      },
    },
  );
  return {
    url: `https://localhost:${listening.port}`,
    port: listening.port,
    ca: tls.ca,
    controlToken,
    administer: <Name extends ActionName>(route: Name, input: ActionInput<Name>) =>
      administer(world, route, input) as ActionResult<Name>,
    resolves: (host) => resolves(world, host),
    inject: (fault) => faults.inject(fault),
    clearFaults: (id) => faults.clear(id),
    hitsOf: (faultId) => faults.hitsOf(faultId),
    setLatency: (ms) => {
      pace.latencyMs = ms;
    },
    trail: (since = 0) => trail.since(since),
    lastSequence: () => trail.last,
    counters: () => counters.read(),
    close: async () => {
      await listening.close();
      trail.close();
    },
  };
}
