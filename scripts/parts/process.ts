import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGuard } from './guard';
import { forgetPid, recordPid, signalGroup } from './orphans';
import { waitUntil } from './wait';

export interface PartOptions {
  /** Names the log (`<stateDir>/log/<name>.log`) and the pid record. */
  readonly name: string;
  readonly stateDir: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment; ours by default. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Asked every 50 ms until it answers true; rejecting means "not yet". */
  readonly ready: () => Promise<boolean>;
  readonly readyWithinMs?: number;
  /** The polite one; SIGKILL follows after `stopWithinMs`. */
  readonly stopSignal?: NodeJS.Signals;
  readonly stopWithinMs?: number;
}

export interface Part {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the process has ended, for whatever reason, with words for it. */
  readonly exited: Promise<string>;
  /** Resolves when the process is gone. May be called again. */
  stop(): Promise<void>;
}

/** The process ended, or its deadline passed, before it was ready. Carries the end of its log. */
export class PartNotReady extends Error {
  override readonly name = 'PartNotReady';
  constructor(
    part: string,
    why: string,
    readonly log: string,
  ) {
    super(`${part} didn't start: ${why}\n${log}`);
  }
}

/**
 * Starts a child process and waits until it's ready.
 *
 * It leads a process group of its own, so that a Ctrl-C in the terminal reaches us alone and we stop the
 * parts in order. A guard ends the group when we're gone without having stopped it, even by `kill -9`.
 *
 * @throws {PartNotReady}
 */
export async function startPart(options: PartOptions): Promise<Part> {
  const { name, stateDir, stopSignal = 'SIGTERM', stopWithinMs = 10_000, readyWithinMs = 30_000 } = options;
  const logFile = join(stateDir, 'log', `${name}.log`);
  mkdirSync(join(stateDir, 'log'), { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: options.cwd ?? process.cwd(),
    env: options.env ?? process.env,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  closeSync(log);
  const exited = ended(child);
  const { pid } = child;
  if (pid === undefined) throw new PartNotReady(name, await exited, '');

  recordPid(stateDir, name, pid, stopSignal);
  const guard = startGuard(pid, stopSignal);
  const gone = exited.then((how) => {
    signalGroup(pid, 'SIGKILL');
    guard.kill('SIGKILL');
    forgetPid(stateDir, name);
    return how;
  });
  let how: string | undefined;
  void gone.then((words) => {
    how = words;
  });

  const stop = async () => {
    if (how !== undefined) return;
    signalGroup(pid, stopSignal);
    if (!(await waitUntil(() => how !== undefined, stopWithinMs, 20))) signalGroup(pid, 'SIGKILL');
    await gone;
  };

  const isReady = await waitUntil(async () => how !== undefined || (await options.ready()), readyWithinMs);
  if (!isReady || how !== undefined) {
    const why = how ?? `not ready after ${readyWithinMs} ms`;
    await stop();
    throw new PartNotReady(name, why, tail(logFile));
  }
  return { name, pid, logFile, exited: gone, stop };
}

/** Stops parts in the reverse of the order they were started in. */
export async function stopParts(parts: readonly Pick<Part, 'stop'>[]): Promise<void> {
  for (const part of [...parts].reverse()) await part.stop();
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`),
    );
  });
}

function tail(logFile: string, lines = 20): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
