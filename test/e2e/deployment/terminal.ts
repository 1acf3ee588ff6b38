import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { run } from '../../../cli/program';

/** One command line of `smsk` in this process, where nobody is to be asked. @returns all that it said */
export type Terminal = (line: readonly string[], stdin?: Uint8Array) => Promise<Said>;

export interface Said {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export const terminal =
  (environment: { readonly url: string; readonly tokenFile: string }): Terminal =>
  async (line, stdin = new Uint8Array()) => {
    const said = { out: '', err: '' };
    const exitCode = await run(line, {
      environment,
      fetch,
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      writeBytes: (bytes) => {
        said.out += Buffer.from(bytes).toString('latin1');
      },
      readBytes: async () => stdin,
      ask: async () => null,
      now: Date.now,
      random: randomBytes,
      uuid: randomUUID,
      sleep: async (ms) => {
        await setTimeout(ms);
      },
    });
    return { exitCode, ...said };
  };
