import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** What every emulator of a cloud takes from its command line. */
export interface Started {
  readonly port: number;
  readonly latencyMs: number;
  readonly stateDir?: string;
  readonly controlToken?: string;
}

/** An emulator's process: options, one line of JSON when it listens, a good end on SIGTERM and SIGINT. */
export function runEmulator<Emulator extends { readonly controlToken: string; close(): Promise<void> }>(
  usage: string,
  start: (options: Started) => Promise<Emulator>,
  shown: (emulator: Emulator) => object,
): void {
  run(usage, start, shown).catch((error: unknown) => {
    say(process.stderr, error);
    process.exitCode = 1;
  });
}

async function run<Emulator extends { readonly controlToken: string; close(): Promise<void> }>(
  usage: string,
  start: (options: Started) => Promise<Emulator>,
  shown: (emulator: Emulator) => object,
): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'state-dir': { type: 'string' },
      'control-token-file': { type: 'string' },
      'latency-ms': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const tokenFile = values['control-token-file'];
  const emulator = await start({
    port: Number(values.port ?? 0),
    latencyMs: Number(values['latency-ms'] ?? 0),
    ...(values['state-dir'] === undefined ? {} : { stateDir: values['state-dir'] }),
    ...(tokenFile === undefined ? {} : { controlToken: readFileSync(tokenFile, 'utf8').trim() }),
  });
  const { controlToken } = emulator;
  const line = tokenFile === undefined ? { ...shown(emulator), controlToken } : shown(emulator);
  process.stdout.write(`${JSON.stringify(line)}\n`);
  endOnSignal(() => emulator.close());
}

/** Ends the process well on SIGTERM and SIGINT. */
export function endOnSignal(close: () => Promise<void>): void {
  const stop = (): void => {
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        say(process.stderr, error);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function say(to: NodeJS.WritableStream, error: unknown): void {
  to.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
