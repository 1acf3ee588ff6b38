import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../../../cli/exit-codes';
import { run } from '../../../cli/program';
import type { Role } from '../../../domain/actor';
import { type ApiWorld, TOKENS } from './world';

export interface Said {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
  readonly bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: what a machine would parse; tests look into it.
  readonly json: any;
}

interface Sitting {
  readonly as?: Role;
  readonly stdin?: Uint8Array;
  /** What is typed when asked; null: nobody is there. */
  readonly answer?: string | null;
  readonly env?: { readonly url: string | null; readonly tokenFile: string | null };
  readonly fetch?: typeof fetch;
}

/** `smsk` in this process, against the world's API; `folder` is the person's own, `close` it. */
export function createDesk(world: ApiWorld) {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-cli-'));
  const file = (name: string, content?: string) => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  for (const [role, token] of Object.entries(TOKENS)) file(`${role}.token`, `${token}\n`);

  const smsk = async (line: readonly string[], sitting: Sitting = {}): Promise<Said> => {
    const { as = 'support', stdin = new Uint8Array(), answer = null } = sitting;
    let out = '';
    let err = '';
    let sleptMs = 0;
    const bytes: Uint8Array[] = [];
    const exitCode = await run(line, {
      environment: sitting.env ?? { url: world.url, tokenFile: file(`${as}.token`) },
      fetch: sitting.fetch ?? fetch,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      writeBytes: (given) => void bytes.push(given),
      readBytes: async () => stdin,
      ask: async () => answer,
      now: () => Date.parse(world.clock.now) + sleptMs,
      random: randomBytes,
      uuid: randomUUID,
      sleep: async (ms) => {
        sleptMs += ms;
      },
    });
    return { exitCode, out, err, bytes: Buffer.concat(bytes), json: jsonOf(out) };
  };
  return { folder, file, smsk, close: () => rmSync(folder, { recursive: true }) };
}
export type Desk = ReturnType<typeof createDesk>;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
