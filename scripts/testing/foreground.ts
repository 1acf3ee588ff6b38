import { spawn } from 'node:child_process';
import { startGuard } from '../parts/guard';
import { signalGroup } from '../parts/orphans';
import { root } from './root';

export interface Ran {
  /** Undefined when it was ended by a signal. */
  readonly code: number | undefined;
  readonly ms: number;
}

export interface RunOptions {
  /** It's ended, with all that it started in its group, when this aborts. */
  readonly signal: AbortSignal;
  /** Collects what it prints instead of letting it through. */
  readonly collect?: (text: string) => void;
}

/** Runs a command of node_modules with this Node and waits for its end. Directly: killing npx leaves its child. */
export function runNode(script: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const { signal, collect } = options;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: collect === undefined ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => collect?.(text));
    }
    const { pid } = child;
    const guard = pid === undefined ? undefined : startGuard(pid, 'SIGKILL');
    const end = () => {
      if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    };
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', end);
      guard?.kill('SIGKILL');
      resolve({ code: code ?? undefined, ms: performance.now() - started });
    });
  });
}
