import { join } from 'node:path';
import { type Part, startPart } from '../parts/process';
import { withProgress } from '../parts/progress';

const ROOT = join(__dirname, '..', '..');
const LOADER = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');
/** The SDK's advice on Node versions, once per process, isn't for whoever reads our logs. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

type Stoppable = Pick<Part, 'stop'>;

/** Starts parts and says so. Each is known as soon as it runs, so that it can be stopped. */
export class Starter {
  constructor(
    private readonly stateDir: string,
    private readonly say: (line: string) => void,
    private readonly parts: Stoppable[],
  ) {}

  async part<T extends Stoppable>(label: string, part: Promise<T>): Promise<T> {
    const running = await withProgress(this.say, `starting ${label}`, part);
    this.parts.push(running);
    return running;
  }

  /** A process of this repository. @param file relative to its root */
  program(
    name: string,
    file: string,
    args: readonly string[],
    ready: () => Promise<boolean>,
    env: NodeJS.ProcessEnv = {},
  ): Promise<Part> {
    const { stateDir } = this;
    const part = startPart({
      name,
      stateDir,
      command: process.execPath,
      args: ['--import', LOADER, join(ROOT, file), ...args],
      // A clean one: what a developer's shell has set for other clouds would be refused at start.
      env: { PATH: process.env.PATH ?? '', HOME: stateDir, ...QUIET, ...env },
      cwd: ROOT,
      ready,
      readyWithinMs: 60_000,
    });
    return this.part(name, part);
  }
}
