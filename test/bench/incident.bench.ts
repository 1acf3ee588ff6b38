/**
 * An incident's life under traffic, on the real workers, durable PostgreSQL and Temporal: sixteen callers encrypt and
 * decrypt in turn while the customer disables its key and, when the incident is open, enables it again. What each line
 * is beside is what we promise; the emulator enforces a change at once, so no provider's own delay is in it.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { type WorkspaceCipher, WorkspaceUnavailable } from '../../cipher';
import type { OrganizationId } from '../../domain/ids';
import { loadConfiguration } from '../../runtime/config';
import { dataConverter, payloadSealing } from '../../runtime/temporal';
import { openCipher } from '../e2e/deployment/cipher';
import { Log } from '../e2e/deployment/log';
import type { BenchAdministrator } from './activation/customer';
import { Ours } from './activation/ours';
import { until } from './activation/until';
import { openWorld } from './activation/world';
import { inFolder } from './folder';
import { median } from './pairs';
import type { BenchResult } from './result';

const DEADLINE_MS = 5_000;
/** Each with an organization of its own: refused again within a minute, the same incident goes on. */
const ROUNDS = 5;
const CALLERS = 16;
/** What a caller does that was refused. */
const AGAIN_AFTER_MS = 20;

const PROMISED = { openedMs: 1_000, refusedAfterEnable: 0, closedMs: 5_000 };

interface Round {
  /** From the first refusal to the incident's own recovery, which has put it on record. */
  readonly openedMs: number;
  /** Operations that began after the enable's answer, and were refused. */
  readonly refusedAfterEnable: number;
  /** From the enable's answer to the incident's end, proved. */
  readonly closedMs: number;
}

export const incidentBench = (): Promise<BenchResult[]> =>
  inFolder(async (stateDir, parts) => {
    const world = await openWorld('aws-kms', stateDir, parts, { operationDeadlineMs: DEADLINE_MS });
    const connection = await Connection.connect({ address: world.temporal });
    const runtime = loadConfiguration({ SMSK_CONFIG: world.configFile });
    const converter = dataConverter(payloadSealing(runtime, randomBytes));
    const ours = await Ours.open(world, new Client({ connection, dataConverter: converter }));
    const database = new pg.Client({ connectionString: world.database.adminUrl });
    await database.connect();
    const { cipher, close } = await openCipher({ runtime, log: new Log('bench'), running: [] });
    try {
      const rounds: Round[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const prepared = await ours.prepare();
        await ours.activate(prepared);
        rounds.push(await play(cipher, database, prepared.id, prepared.customer));
        prepared.customer.close();
      }
      return linesOf(rounds);
    } finally {
      await close();
      await ours.close();
      await database.end();
      await connection.close();
    }
  });

async function play(
  cipher: WorkspaceCipher,
  database: pg.Client,
  organization: OrganizationId,
  customer: BenchAdministrator,
): Promise<Round> {
  const traffic = startTraffic(cipher, organization);
  const incident = async (): Promise<{ opened: boolean; closed: boolean } | undefined> => {
    const { rows } = await database.query(
      `SELECT opened_index IS NOT NULL AND detected_at IS NOT NULL AS opened, closed_at IS NOT NULL AS closed
       FROM incident WHERE organization_id = $1`,
      [organization],
    );
    return rows[0];
  };
  await until(
    async () => traffic.answered.length,
    (count) => count > CALLERS,
  );
  await customer.disableKey();
  await until(
    async () => traffic.refused.length,
    (count) => count > 0,
  );
  await until(incident, (now) => now?.opened === true);
  const openedMs = performance.now() - (traffic.refused[0]?.at ?? Number.NaN);
  await customer.enableKey();
  const enabledAt = performance.now();
  await until(incident, (now) => now?.closed === true);
  const closedMs = performance.now() - enabledAt;
  await traffic.stop();
  const refusedAfterEnable = traffic.refused.filter(({ begunAt }) => begunAt > enabledAt).length;
  return { openedMs, refusedAfterEnable, closedMs };
}

/** Callers who go on asking whatever they are answered. */
function startTraffic(cipher: WorkspaceCipher, organization: OrganizationId) {
  const answered: number[] = [];
  const refused: { readonly begunAt: number; readonly at: number }[] = [];
  let isOver = false;
  const call = async (): Promise<void> => {
    while (!isOver) {
      const begunAt = performance.now();
      try {
        const ciphertext = await cipher.encrypt(organization, randomBytes(1_024), {});
        await cipher.decrypt(organization, ciphertext, {});
        answered.push(performance.now());
      } catch (error) {
        if (!(error instanceof WorkspaceUnavailable)) throw error;
        refused.push({ begunAt, at: performance.now() });
        await pause(AGAIN_AFTER_MS);
      }
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, call));
  return {
    ...{ answered, refused },
    stop: async () => {
      isOver = true;
      await callers;
    },
  };
}

function linesOf(rounds: readonly Round[]): BenchResult[] {
  const line = (name: string, unit: string, of: keyof Round): BenchResult => {
    const values = rounds.map((round) => round[of]);
    const reference = PROMISED[of];
    const ratioOf = (value: number) => (reference === 0 ? value : value / reference);
    const ratio = ratioOf(median(values));
    const bound = reference === 0 ? 0.001 : 1;
    return {
      ...{ name, unit, value: median(values), reference, ratio, bound: 'at-most', target: bound },
      ok: ratio <= bound,
      spread: [ratioOf(Math.min(...values)), ratioOf(Math.max(...values))],
    };
  };
  return [
    line('incident opened, after the first refusal of a disabled key', 'ms', 'openedMs'),
    line('operations refused that began after the enable’s answer', 'operations', 'refusedAfterEnable'),
    line('incident closed, after the enable’s answer', 'ms', 'closedMs'),
  ];
}
