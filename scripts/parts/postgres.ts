import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './ports';
import { postgresBinaries } from './postgres-binaries';
import { type PostgresHome, postgresHome } from './postgres-home';
import { clearStaleLock } from './postgres-lock';
import { PartNotReady, startPart } from './process';

export interface PostgresOptions {
  /** Holds the cluster, its password and its log. Made if absent. */
  readonly stateDir: string;
  /** Any free one by default. */
  readonly port?: number;
  /** False gives up surviving a power cut for speed: tests only. */
  readonly durable: boolean;
}

export interface Postgres {
  /** The superuser's connection to the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** PostgreSQL's data directory. */
  readonly dataDir: string;
  /** Resolves, with words for it, when the server has ended for whatever reason. */
  readonly exited: Promise<string>;
  /** Fast shutdown: open transactions are rolled back. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on 127.0.0.1, making its cluster first if the state folder has none. Recovers by itself
 * from a `kill -9` of an earlier one, whose orphan it ends.
 *
 * @throws {PartNotReady}
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { stateDir, durable } = options;
  mkdirSync(stateDir, { recursive: true });
  const home = postgresHome(stateDir, postgresBinaries());
  const password = ownPassword(stateDir);
  const data = join(home.folder, 'cluster');
  if (!existsSync(data)) await makeCluster(home, data, password);

  for (let tries = 1; ; tries++) {
    await clearStaleLock(data);
    const port = options.port ?? (await freePort());
    const adminUrl = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
    try {
      const part = await startPart({
        name: 'postgres',
        stateDir,
        command: join(home.binaries, 'bin', 'postgres'),
        args: ['-D', data, '-p', String(port), ...settings(durable)],
        env: environment(),
        cwd: '/',
        ...home.account,
        ready: () => answers(adminUrl),
        // After a crash it replays its log before it answers.
        readyWithinMs: 60_000,
        stopSignal: 'SIGINT',
        stopWithinMs: 20_000,
      });
      const { pid, logFile, exited, stop } = part;
      return { adminUrl, port, pid, logFile, dataDir: data, exited, stop };
    } catch (error) {
      if (!(error instanceof PartNotReady) || tries === 20) throw error;
      // A port that was free may be taken by the time it's bound: without a wish of the caller's, try another.
      const portTaken = options.port === undefined && /could not (bind|create any TCP)/.test(error.log);
      // Backends of a killed postmaster end when they notice; until then their memory is in the way.
      const backendsLeft = /shared memory block .* is still in use/.test(error.log);
      if (!portTaken && !backendsLeft) throw error;
      await delay(500);
    }
  }
}

function settings(durable: boolean): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    // A socket's path has a length limit and its usual folder isn't everywhere writable; TCP does.
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Made beside its final place and renamed, so that a half-made cluster is never taken for a whole one. */
async function makeCluster(home: PostgresHome, data: string, password: string): Promise<void> {
  const draft = `${data}.new`;
  const passwordFile = join(home.folder, 'initial-password');
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (home.account !== undefined) chownSync(passwordFile, home.account.uid, home.account.gid);
  try {
    await run(join(home.binaries, 'bin', 'initdb'), home, [
      `--pgdata=${draft}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same order of text on every machine.
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ]);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, data);
}

function run(command: string, home: PostgresHome, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: '/',
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...home.account,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
      });
    }
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} failed (${code})\n${said}`)),
    );
  });
}

/** Nothing of the caller's PG* variables may reach the server. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

function ownPassword(stateDir: string): string {
  const path = join(stateDir, 'postgres-password');
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
}

async function answers(adminUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
