/**
 * Providers that hang: 100 organizations whose keys accept a request and never answer, each asked for content by
 * four callers at a time, beside one whose provider answers, in the same process and on the same durable PostgreSQL.
 * What the healthy one's callers wait, with and without them, in turn; and what a caller of a hanging one waits at most.
 * The hanging keys are in an emulator of their own: what they cost their provider is nobody else's.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type WorkspaceCipher, WorkspaceUnavailable } from '../../cipher';
import type { OrganizationId } from '../../domain/ids';
import type { Part } from '../../scripts/parts/process';
import { openAws } from './cipher/aws-side';
import { openContent } from './cipher/world';
import { inFolder } from './folder';
import { comparePairs } from './pairs';
import type { BenchResult } from './result';

const HANGING = 100;
const CALLERS = { healthy: 16, hanging: 4 } as const;
/** Of the emulated providers: a key service in the same zone, and one that is farther. What hangs costs both the same. */
const LATENCIES_MS = [10, 50] as const;
const DEADLINE_MS = 5_000;
/** How long the healthy organization is watched each time; the hanging ones have been at it for a deadline by then. */
const WATCH_MS = 8_000;
const PAIRS = 3;
/** Its multiples' fractions keep as far apart from each other as can be. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;
const PLAINTEXT = randomBytes(1_024);

export async function hangingBench(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const latencyMs of LATENCIES_MS) results.push(...(await besideHanging(latencyMs)));
  return results;
}

const besideHanging = (latencyMs: number): Promise<BenchResult[]> =>
  inFolder(async (folder, parts) => {
    const content = await openContent(folder, parts);
    const well = await openCloud(folder, 'well', parts, latencyMs);
    const hung = await openCloud(folder, 'hung', parts, latencyMs);
    const { organization: healthy, ...its } = await well.organization({
      name: 'bench',
      accountId: accountOf(0),
    });
    await content.insert([{ organization: healthy, ...its }], well.provider);
    const customers = [];
    for (let n = 1; n <= HANGING; n++) {
      customers.push(await hung.organization({ name: `bench-${n}`, accountId: accountOf(n) }));
    }
    await content.insert(customers, hung.provider);
    const others = customers.map(({ organization }) => organization);
    const cipher = content.cipher(
      {
        ...well.provider,
        unwrap: (connection, ...rest) =>
          (connection.organization === healthy ? well : hung).provider.unwrap(connection, ...rest),
      },
      { coalesce: 'on', deadlineMs: DEADLINE_MS },
    );
    // Sessions are there: what hangs is the key.
    for (const organization of others) await cipher.encrypt(organization, PLAINTEXT, {});
    for (let n = 1; n <= HANGING; n++) await hang(hung, accountOf(n));

    const waits: number[] = [];
    const p99 = () => p99Of(cipher, healthy);
    const beside = async (): Promise<number> => {
      const crowd = ask(cipher, others, waits);
      await pause(DEADLINE_MS);
      const ms = await p99();
      await crowd.stop();
      return ms;
    };
    const wait = await comparePairs(
      {
        name: `wait of a healthy organization (p99) beside ${HANGING} whose provider hangs, ${latencyMs} ms away`,
        unit: 'ms',
        pairs: PAIRS,
        bound: 'at-most',
        target: 1.2,
      },
      beside,
      p99,
    );
    const longest = Math.max(...waits);
    const ratio = longest / DEADLINE_MS;
    return [
      wait,
      {
        name: `longest wait of a caller whose provider hangs, beside its deadline, ${latencyMs} ms away`,
        value: longest,
        unit: 'ms',
        reference: DEADLINE_MS,
        ratio,
        target: 1.1,
        bound: 'at-most',
        ok: ratio <= 1.1,
      },
    ];
  });

const accountOf = (n: number) => String(200_000_000_000 + n);

async function openCloud(folder: string, name: string, parts: Pick<Part, 'stop'>[], latencyMs: number) {
  const own = join(folder, name);
  mkdirSync(own);
  return openAws(own, parts, latencyMs);
}

/** That account's key accepts every request from now on and answers none. */
async function hang(cloud: { url: string; controlToken: string }, principalAccount: string): Promise<void> {
  const response = await fetch(`${cloud.url}/_emulator/faults`, {
    method: 'POST',
    headers: { authorization: `Bearer ${cloud.controlToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ match: { service: 'kms', principalAccount }, effect: { kind: 'hang' } }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the emulator refused the fault: ${response.status}`);
}

/**
 * Callers of every one of them, each asking again as soon as it was refused; they begin at all times of a deadline, each
 * apart from the others, as callers do who don't know of each other. @param waits what each waited, in ms
 */
function ask(cipher: WorkspaceCipher, organizations: readonly OrganizationId[], waits: number[]) {
  let isOver = false;
  const call = async (organization: OrganizationId, startMs: number): Promise<void> => {
    await pause(startMs);
    while (!isOver) {
      const at = performance.now();
      try {
        await cipher.encrypt(organization, PLAINTEXT, {});
        throw new Error('a key that hangs has answered');
      } catch (error) {
        if (!(error instanceof WorkspaceUnavailable)) throw error;
        waits.push(performance.now() - at);
      }
    }
  };
  const all = organizations.flatMap((each) => Array<OrganizationId>(CALLERS.hanging).fill(each));
  const callers = Promise.all(all.map((each, i) => call(each, ((i * GOLDEN_RATIO) % 1) * DEADLINE_MS)));
  return {
    stop: async () => {
      isOver = true;
      await callers;
    },
  };
}

/** What an operation of the healthy organization waits, in ms: encrypt and decrypt in turn, by several callers. */
async function p99Of(cipher: WorkspaceCipher, organization: OrganizationId): Promise<number> {
  const waits: number[] = [];
  const until = performance.now() + WATCH_MS;
  const timed = async <T>(operation: Promise<T>, at = performance.now()): Promise<T> => {
    const result = await operation;
    waits.push(performance.now() - at);
    return result;
  };
  const call = async (): Promise<void> => {
    while (performance.now() < until) {
      const ciphertext = await timed(cipher.encrypt(organization, PLAINTEXT, {}));
      await timed(cipher.decrypt(organization, ciphertext, {}));
    }
  };
  await Promise.all(Array.from({ length: CALLERS.healthy }, call));
  const sorted = waits.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
