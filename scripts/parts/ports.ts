import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';

const Remembered = z.record(z.string(), z.number().int().min(1).max(65_535));

/**
 * A port on the loopback interface for each name: the one this state folder used last, else the wanted one,
 * else any that's free. What was chosen is remembered in `<stateDir>/ports.json`, so that the addresses
 * which `up` printed stay good.
 */
export async function choosePorts<Name extends string>(
  stateDir: string,
  wanted: Readonly<Record<Name, number>>,
): Promise<Record<Name, number>> {
  const path = join(stateDir, 'ports.json');
  const remembered = readRemembered(path);
  const chosen: Record<string, number> = {};
  for (const name of Object.keys(wanted) as Name[]) {
    const taken = new Set(Object.values(chosen));
    const candidates = [remembered[name], wanted[name]].filter(
      (port) => port !== undefined && !taken.has(port),
    );
    chosen[name] = await firstFree(candidates as number[], taken);
  }
  writeFileSync(path, `${JSON.stringify({ ...remembered, ...chosen }, null, 2)}\n`);
  return chosen as Record<Name, number>;
}

/** Any port that's free on the loopback interface right now. */
export async function freePort(): Promise<number> {
  const port = await tryListen(0);
  if (port === undefined) throw new Error('no free port on 127.0.0.1');
  return port;
}

async function firstFree(candidates: readonly number[], taken: ReadonlySet<number>): Promise<number> {
  for (const candidate of candidates) {
    if (candidate !== 0 && (await tryListen(candidate)) !== undefined) return candidate;
  }
  for (;;) {
    const port = await freePort();
    if (!taken.has(port)) return port;
  }
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined));
    });
  });
}

function readRemembered(path: string): Record<string, number> {
  try {
    return Remembered.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}
