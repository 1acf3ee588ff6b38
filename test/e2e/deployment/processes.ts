import { join } from 'node:path';
import { type Part, startPart } from '../../../scripts/parts/process';
import type { Deployment } from './deployment';

const ROOT = join(__dirname, '..', '..', '..');

/** Both workers as real processes, started as `scripts/up` starts them. */
export class WorkerProcesses {
  readonly #parts = new Map<string, Part>();

  private constructor(private readonly deployment: Deployment) {}

  static async start(deployment: Deployment): Promise<WorkerProcesses> {
    const processes = new WorkerProcesses(deployment);
    deployment.running.push(() => processes.stop());
    await processes.start();
    return processes;
  }

  async start(): Promise<void> {
    const { workers } = this.deployment.runtime.config;
    await Promise.all([
      this.#startOne('custody', workers.custodyPort),
      this.#startOne('platform', workers.platformPort),
    ]);
  }

  /** `kill -9` of both, at once. */
  async kill(): Promise<void> {
    const parts = [...this.#parts.values()];
    for (const { pid } of parts) process.kill(pid, 'SIGKILL');
    for (const { exited } of parts) await exited;
    this.#parts.clear();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.stop()));
  }

  async #startOne(name: 'custody' | 'platform', port: number): Promise<void> {
    const { folder, configFile } = this.deployment;
    const loader = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');
    const part = await startPart({
      name,
      stateDir: folder,
      command: process.execPath,
      args: ['--import', loader, join(ROOT, 'workers', `${name}.ts`)],
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, SMSK_CONFIG: configFile },
      cwd: ROOT,
      ready: async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok,
      readyWithinMs: 90_000,
      stopSignal: 'SIGKILL',
    });
    this.#parts.set(name, part);
  }
}
