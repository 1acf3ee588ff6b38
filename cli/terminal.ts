import { randomBytes, randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { type Environment, environment } from './environment';

/** Everything a command meets of the world, but files. */
export interface Terminal {
  readonly environment: Environment;
  readonly fetch: typeof fetch;
  out(text: string): void;
  err(text: string): void;
  writeBytes(bytes: Uint8Array): void;
  readBytes(): Promise<Uint8Array>;
  /** @returns the answer, or null where nobody can be asked. */
  ask(question: string): Promise<string | null>;
  /** Milliseconds since 1970. */
  now(): number;
  random(bytes: number): Uint8Array;
  uuid(): string;
  sleep(ms: number): Promise<void>;
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    environment: environment(),
    fetch,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    writeBytes: (bytes) => void stdout.write(bytes),
    readBytes: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    ask: async (question) => {
      if (!stdin.isTTY) return null;
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
    now: Date.now,
    random: randomBytes,
    uuid: randomUUID,
    sleep: async (ms) => {
      await setTimeout(ms);
    },
  };
}
