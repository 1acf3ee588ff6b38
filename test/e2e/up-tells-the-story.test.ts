import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { removeState } from '../../scripts/parts/state';

const ROOT = join(__dirname, '..', '..');
const told = z.strictObject({
  ok: z.boolean(),
  steps: z.array(
    z.strictObject({
      org: z.string(),
      step: z.string(),
      ok: z.boolean(),
      ms: z.number(),
      entry: z.int().nullable(),
    }),
  ),
});

/** `scripts/up`, its output so far, and ways to wait for a line of it. */
class Up {
  readonly #child: ChildProcess;
  #output = '';
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[]) {
    // Its throw-away folder lies in this test's own, so that another run on the machine isn't taken for this one.
    const env = { ...process.env, TMPDIR: folder };
    this.#child = spawn(join(ROOT, 'scripts', 'up'), args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const add = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    this.#child.stdout?.on('data', add);
    this.#child.stderr?.on('data', add);
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves once the output has it; rejects when the process ends without. */
  async says(pattern: RegExp): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        if (pattern.test(this.#output)) resolve();
      };
      this.#child.stdout?.on('data', look);
      look();
    });
    const over = this.ended.then(() => {
      throw new Error(`it ended before ${pattern}:\n${this.#output}`);
    });
    await Promise.race([seen, over]);
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.ended;
  }
}

/** Command lines of processes that still use the folder. */
function leftIn(folder: string): string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.startsWith('ps '));
}

/** A net for a busy machine: the whole of it takes about 45 s a run on an idle one. */
const WITHIN_MS = 600_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smsk-up-'));
  chmodSync(folder, 0o711);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test(
  '--once tells the whole story, leaves evidence that verifies, and no process',
  async () => {
    const [json, evidence] = [join(folder, 'told.json'), join(folder, 'evidence')];
    const up = new Up(['--once', '--json', json, '--evidence', evidence]);
    const code = await up.ended;
    // What it said is the only clue to why it failed.
    expect(code === 0 ? 'told' : up.output).toBe('told');

    const { ok, steps } = told.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(ok).toBe(true);
    const whole = [
      ...[
        'organization',
        'write before',
        'entitlement',
        'setup',
        'verification',
        'dry-run',
        'approval',
        'live',
        'handoff',
      ],
      ...['encrypt and read', 'customer disables key', 'next read refused', 'next write refused'],
      ...[
        'incident opened',
        'customer enables key',
        'next read works',
        'next write works',
        'incident closed',
      ],
      ...['customer rotates key', 'rotation', 'what is safe'],
      ...['drift found', 'drift mended', 'order withdrawn', 'new order'],
    ];
    const outages = [
      ...['KMS hangs', 'incident opened', 'KMS answers', 'incident closed'],
      ...['region fails', 'incident opened', 'region is back', 'incident closed'],
    ];
    const offboarding = [
      ...['customer disables key', 'offboarding refused', 'customer enables key', 'offboarding', 'dry-run'],
      ...['approval', 'operator’s approval', 'live', 'handoff'],
      ...['what is safe', 'customer disables key', 'next read works'],
    ];
    const of = (org: string) => steps.filter((step) => step.org === org).map(({ step }) => step);
    expect(of('acme')).toEqual([...whole, ...outages, 'evidence']);
    expect(of('globex')).toEqual([...whole, ...offboarding, 'evidence']);
    expect(up.output).toMatch(
      /acme +KMS hangs +ok +after \d+ s: HTTP 503 WORKSPACE_UNAVAILABLE: .*; globex reads on, in \d+ ms/,
    );
    expect(up.output).toMatch(/acme +incident opened +ok +PROVIDER_TRANSIENT, the provider’s trouble/);
    expect(up.output).toMatch(/globex +order withdrawn +ok +a warning on the status, and nothing else/);
    expect(up.output).toMatch(/globex +offboarding refused +ok +at once, KEY_DISABLED: .*\[ledger \d+\]/);
    expect(up.output).toMatch(/globex +what is safe +ok +the status says so of all 2 versions/);
    for (const org of ['acme', 'globex']) {
      expect(up.output).toMatch(
        new RegExp(`${org} +next read refused +ok +HTTP 503 WORKSPACE_UNAVAILABLE: The key is disabled\\.`),
      );
    }

    const verify = (org: string, ...args: string[]) =>
      execFileSync(join(ROOT, 'scripts', 'smsk'), ['evidence', 'verify', join(evidence, org), ...args], {
        encoding: 'utf8',
      });
    for (const org of ['acme', 'globex'])
      expect(verify(org, '--trust', join(evidence, 'trust.txt'))).toMatch(/^VERIFIED/);
    expect(() => verify('acme')).toThrow(expect.objectContaining({ status: 3 }));
    expect(leftIn(folder)).toEqual([]);
  },
  WITHIN_MS,
);

test(
  'interrupted at three points and with its ports taken, it continues; run when finished, it says so',
  async () => {
    const stateDir = join(folder, 'state');
    const taken = createServer()
      .listen(8080, '127.0.0.1')
      .on('error', () => undefined);
    try {
      const atBoot = new Up(['--state-dir', stateDir]);
      await atBoot.says(/starting/);
      await atBoot.kill('SIGKILL');

      const midway = new Up(['--state-dir', stateDir]);
      await midway.says(/acme +dry-run +ok/);
      await midway.kill('SIGKILL');

      const keyOff = new Up(['--state-dir', stateDir]);
      await keyOff.says(/acme +customer disables key +ok/);
      await keyOff.kill('SIGINT');

      const last = new Up(['--state-dir', stateDir]);
      await last.says(/Everything keeps running/);
      expect(last.output).toMatch(/acme +live +done before/);
      expect(last.output).toMatch(/acme +next write works +ok/);
      expect(last.output).toMatch(/globex +next write works +(ok|done before)/);
      expect(await last.kill('SIGTERM')).toBe(0);
      expect(last.output).not.toMatch(/FAILED/);
      expect(leftIn(stateDir)).toEqual([]);
    } finally {
      taken.close();
      removeState(stateDir);
    }
  },
  WITHIN_MS,
);
