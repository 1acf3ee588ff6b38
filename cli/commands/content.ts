import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { AddCommand, BytesOutcome, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';
import { collected, contextEntry, forOrganization } from '../options';

const CONTEXT = 'KEY=VALUE bound to the ciphertext; several may be given';

/** `smsk encrypt` */
export const encrypt: AddCommand = (program, act) => {
  act(piped(program.command('encrypt')).description('encrypt a file, or standard input'), encryptIt);
};

/** `smsk decrypt` */
export const decrypt: AddCommand = (program, act) => {
  act(
    piped(program.command('decrypt')).description(
      'decrypt a file, or standard input, with the context it was encrypted with',
    ),
    decryptIt,
  );
};

const piped = (command: Command): Command =>
  forOrganization(command)
    .option('--context <key=value>', CONTEXT, collected(contextEntry))
    .option('--in <file>', 'instead of standard input')
    .option('--out <file>', 'instead of standard output; only you can read it');

interface PipeOptions {
  readonly org: string;
  readonly context?: readonly (readonly [string, string])[];
  readonly in?: string;
  readonly out?: string;
}

async function encryptIt(run: Run, options: PipeOptions): Promise<Outcome | BytesOutcome> {
  const ciphertext = await run.client.encrypt(options.org, await read(run, options), contextOf(options));
  return written(run, ciphertext, 'ciphertext', options);
}

async function decryptIt(run: Run, options: PipeOptions): Promise<Outcome | BytesOutcome> {
  const plaintext = await run.client.decrypt(options.org, await read(run, options), contextOf(options));
  return written(run, plaintext, 'plaintext', options);
}

const contextOf = ({ context = [] }: PipeOptions): Record<string, string> => Object.fromEntries(context);

async function read({ terminal }: Run, { in: file }: PipeOptions): Promise<Uint8Array> {
  if (file === undefined) return terminal.readBytes();
  try {
    return readFileSync(file);
  } catch {
    throw new Declined(`${file} can’t be read`, 'check its path and that you may read it', EXIT.usage);
  }
}

function written(
  { isJson }: Run,
  bytes: Uint8Array,
  name: 'ciphertext' | 'plaintext',
  { org, out }: PipeOptions,
): Outcome | BytesOutcome {
  if (out !== undefined) {
    writeFileSync(out, bytes, { mode: 0o600 });
    return {
      json: { [name]: out, bytes: bytes.length },
      text: `${org}: ${name} of ${bytes.length} bytes in ${out}\n`,
    };
  }
  return isJson ? { json: { [name]: Buffer.from(bytes).toString('base64') }, text: '' } : { bytes };
}
