import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SweepDeps } from '../../../activities/sweep/deps';
import { type SweepSettings, sweepSettings } from '../../../activities/sweep/settings';
import type { Connection } from '../../../domain/connection';
import type { OrganizationId } from '../../../domain/ids';
import { CONTROL_UNKNOWN, type ControlOutcome } from '../../../domain/ports/control-probe';
import type { Probed, Prober } from '../../../domain/ports/prober';
import type { Store } from '../../../store';
import { Story } from './story';

const OK = { result: 'ok', requestId: null } as const;
export const FINE: Probed = { access: OK, reads: [OK], writes: OK, leadsTo: null, trust: null };

/** Probes that answer what a test says, for each organization; the others are fine. */
export class PlayedProber implements Prober {
  readonly asked: OrganizationId[] = [];
  readonly answers = new Map<OrganizationId, (signal: AbortSignal) => Probed | Promise<Probed>>();

  async probe({ organization }: Connection, _: unknown, __: unknown, signal: AbortSignal): Promise<Probed> {
    this.asked.push(organization);
    return (await this.answers.get(organization)?.(signal)) ?? FINE;
  }
}

/** What a sweep is made of, over a real store. */
export function sweeping(store: Store, settings: Partial<SweepSettings> = {}) {
  const prober = new PlayedProber();
  const refused: { organization: OrganizationId; code: string }[] = [];
  const logged: object[] = [];
  const log = (fields: object) => void logged.push(fields);
  const canary: { outcome: ControlOutcome } = { outcome: CONTROL_UNKNOWN };
  const deps: SweepDeps = {
    store,
    sweep: { ...sweepSettings(), ...settings },
    uuid: randomUUID,
    clock: Date.now,
    pause: (ms, signal) => sleep(ms, undefined, { signal }),
    observeProbe: () => undefined,
    logger: { info: log, warn: log, error: log },
    prober,
    credentialEnd: async () => null,
    controlProbe: { outcome: async () => canary.outcome },
    probeRefused: async (organization, code) => void refused.push({ organization, code }),
  };
  return { deps, prober, refused, logged, canary };
}

/** Organizations in customer custody. */
export async function inCustody(store: Store, count: number): Promise<readonly Story[]> {
  const stories: Story[] = [];
  for (let i = 0; i < count; i += 1) stories.push(await Story.at(store, 'handoff'));
  return stories;
}

type Sql = (text: string, values?: readonly unknown[]) => Promise<unknown>;

/** Everybody's turn has come. */
export const allDue = (sql: Sql) => sql(`UPDATE probe SET due_at = clock_timestamp() - interval '1 second'`);
