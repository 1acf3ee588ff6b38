import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What `az` answers: its exit status, and what it prints. */
export interface Answer {
  readonly status: number;
  readonly lines: readonly string[];
}

/** A question of the text, what was answered, and what the text says it must answer. */
export interface Check {
  /** The text's last command before it, its first line. */
  readonly command: string;
  readonly answered: readonly string[];
  readonly expected: readonly string[];
}

/** `az` hands its arguments over on descriptor 3, and reads its status, line count and lines on descriptor 4. */
const AZ = String.raw`
az() {
  printf '%s\037' "$@" >&3; printf '\n\036\n' >&3
  IFS=' ' read -r az_status az_count <&4
  while [ "$az_count" -gt 0 ]; do IFS= read -r az_line <&4; printf '%s\n' "$az_line"; az_count=$((az_count - 1)); done
  return "$az_status"
}
must() { printf 'MUST'; printf '\037%s' "$@"; printf '\n'; }
`;

/**
 * Runs the set-up text as a POSIX shell does, with another `az`: what it prints is put beside what the text says it
 * must print.
 */
export async function runText(
  text: string,
  variables: Readonly<Record<string, string>>,
  az: (args: readonly string[]) => Promise<Answer>,
): Promise<{
  readonly checks: readonly Check[];
  readonly status: number | null;
  readonly complaints: string;
}> {
  const told = withChecks(text);
  const shell = spawn('/bin/sh', ['-uc', `${AZ}\n${told}`], {
    env: { PATH: '/usr/bin:/bin', ...variables },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [out, err, asked, answers] = [1, 2, 3, 4].map((fd) => shell.stdio[fd]) as [
    Readable,
    Readable,
    Readable,
    Writable,
  ];
  const printed = collect(out);
  const complaints = collect(err);
  const asking = (async () => {
    let request: string[] = [];
    for await (const line of createInterface({ input: asked })) {
      if (line !== '\x1e') {
        request.push(line);
        continue;
      }
      const args = request.join('\n').split('\x1f').slice(0, -1);
      request = [];
      const { status, lines } = await az(args);
      answers.write([`${status} ${lines.length}`, ...lines, ''].join('\n'));
    }
  })();
  const status = await new Promise<number | null>((resolve, reject) => {
    shell.on('error', reject);
    shell.on('close', resolve);
  });
  await asking;
  return { checks: checksIn(await printed), status, complaints: await complaints };
}

/** Each answer that's expected becomes a command that says so at the same place of the output. */
function withChecks(text: string): string {
  const quoted = (line: string): string => `'${line.replaceAll("'", "'\\''")}'`;
  return text.replaceAll(/(?:^# -> .*\n)+/gm, (group: string, at: number) => {
    const command =
      text
        .slice(0, at)
        .match(/^az .*$/gm)
        ?.at(-1) ?? '';
    const expected = group.trimEnd().split('\n');
    return `must ${[command, ...expected.map((line) => line.slice('# -> '.length))].map(quoted).join(' ')}\n`;
  });
}

function checksIn(printed: string): Check[] {
  const checks: Check[] = [];
  let answered: string[] = [];
  for (const line of printed.split('\n').slice(0, -1)) {
    if (!line.startsWith('MUST\x1f')) {
      answered.push(line);
      continue;
    }
    const [, command = '', ...expected] = line.split('\x1f');
    checks.push({ command, answered, expected });
    answered = [];
  }
  return checks;
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
