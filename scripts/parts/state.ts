import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './identity';
import { reapOrphans } from './orphans';
import { removePostgresElsewhere } from './postgres-home';

/** Somebody else is running on this state folder right now. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse';
  constructor(stateDir: string, pid: number) {
    super(`already running on ${stateDir} (process ${pid}): stop that one first`);
  }
}

export interface StateClaim {
  /** Names of the parts that an earlier, killed run had left running, ended by now. */
  readonly reaped: readonly string[];
  release(): void;
}

/**
 * Makes the state folder ours alone until released, and ends what a killed run left.
 *
 * @throws {StateInUse}
 */
export async function claimState(stateDir: string): Promise<StateClaim> {
  mkdirSync(stateDir, { recursive: true });
  const path = join(stateDir, 'owner.json');
  claim(stateDir, path);
  const reaped = await reapOrphans(stateDir);
  return { reaped, release: () => rmSync(path, { force: true }) };
}

/** Removes the folder and what PostgreSQL had to put elsewhere. Whoever runs there must have stopped. */
export function removeState(stateDir: string): void {
  removePostgresElsewhere(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
}

function claim(stateDir: string, path: string): void {
  const mine = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) });
  try {
    writeFileSync(path, mine, { flag: 'wx' });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const owner = readOwner(path);
  if (owner !== undefined && processIdentity(owner.pid) === owner.identity)
    throw new StateInUse(stateDir, owner.pid);
  writeFileSync(path, mine);
}

function readOwner(path: string): { pid: number; identity: string } | undefined {
  try {
    const { pid, identity } = JSON.parse(readFileSync(path, 'utf8')) as { pid?: unknown; identity?: unknown };
    return typeof pid === 'number' && typeof identity === 'string' ? { pid, identity } : undefined;
  } catch {
    return undefined;
  }
}
