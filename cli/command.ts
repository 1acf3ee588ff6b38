import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type Client, createClient } from '../api/client';
import { EXIT, type ExitCode } from './exit-codes';
import { Declined, failureOf } from './failure';
import type { Terminal } from './terminal';
import { printable } from './words/printable';

/** What a command did: for machines, and for people. */
export interface Outcome {
  readonly json: unknown;
  readonly text: string;
  readonly exitCode?: ExitCode;
}

/** Raw bytes instead of either: what `encrypt` and `decrypt` answer with. */
export interface BytesOutcome {
  readonly bytes: Uint8Array;
}

export interface Run {
  readonly terminal: Terminal;
  /** Made at its first use, so that offline commands need neither URL nor token. */
  readonly client: Client;
  readonly isJson: boolean;
}

/** Where a command puts its exit code. */
export interface Ending {
  exitCode: ExitCode;
}

/** A file of `commands/`: adds its command to the program. */
export type AddCommand = (program: Command, act: Act) => void;
type Handler = (run: Run, ...args: never[]) => Promise<Outcome | BytesOutcome>;
/** Wraps a handler: makes the client, prints the outcome one way or the other, turns errors into exit codes. */
export type Act = (command: Command, handler: Handler) => void;

export function createAct(terminal: Terminal, ending: Ending): Act {
  return (command, handler) => {
    command.action(async (...given: unknown[]) => {
      const globals = command.optsWithGlobals<Globals>();
      const isJson = globals.json === true;
      // Commander passes arguments, options, and last the command itself.
      const args = given.slice(0, -1) as never[];
      try {
        const run = new CommandRun(terminal, isJson, globals);
        const outcome = await handler(run, ...args);
        if ('bytes' in outcome) return terminal.writeBytes(outcome.bytes);
        terminal.out(isJson ? `${JSON.stringify(outcome.json, null, 2)}\n` : printable(outcome.text));
        ending.exitCode = outcome.exitCode ?? EXIT.ok;
      } catch (error) {
        const failure = failureOf(error);
        if (isJson) terminal.out(`${JSON.stringify({ error: failure.json }, null, 2)}\n`);
        else terminal.err(printable(failure.text));
        ending.exitCode = failure.exitCode;
      }
    });
  };
}

interface Globals {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

class CommandRun implements Run {
  #client: Client | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly isJson: boolean,
    private readonly globals: Globals,
  ) {}

  get client(): Client {
    this.#client ??= clientFor(this.globals, this.terminal);
    return this.#client;
  }
}

function clientFor(globals: Globals, { environment, fetch, uuid }: Terminal): Client {
  const url = globals.url ?? environment.url;
  const tokenFile = globals.tokenFile ?? environment.tokenFile;
  if (url === null) throw new Declined('where is the API?', 'give --url, or set SMSK_URL', EXIT.usage);
  if (tokenFile === null)
    throw new Declined('there is no token', 'give --token-file, or set SMSK_TOKEN_FILE', EXIT.usage);
  return createClient({ url, token: tokenIn(tokenFile), fetch, uuid });
}

function tokenIn(file: string): string {
  return readTextFile(file, 'the token file').trim();
}

/** @throws Declined that names the file. */
export function readTextFile(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Declined(
      `${what} ${file} can’t be read`,
      'check its path and that you may read it',
      EXIT.usage,
    );
  }
}
