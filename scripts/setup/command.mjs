import { spawn } from 'node:child_process';

/** A command that couldn't be run or failed; `said` is all that it printed. */
export class CommandFailed extends Error {
  constructor(command, why, said) {
    super(`${command}: ${why}\n${said}`.trimEnd());
    this.said = said;
  }
}

/**
 * Runs a command and answers what it printed. Whatever takes longer than a second is announced on stderr,
 * and again every ten seconds with the time it has taken.
 *
 * @param {string} label what's being done, for the person who waits
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} options
 * @returns {Promise<string>}
 * @throws {CommandFailed}
 */
export async function run(label, command, args, options = {}) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let announced = false;
  const announce = setTimeout(() => {
    announced = true;
    process.stderr.write(`${label} …\n`);
  }, 1_000);
  const remind = setInterval(() => process.stderr.write(`  still at it after ${seconds()} s\n`), 10_000);
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
      let said = '';
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
        said += chunk;
      });
      child.stderr.on('data', (chunk) => {
        said += chunk;
      });
      child.once('error', (error) => reject(new CommandFailed(command, error.message, said)));
      child.once('close', (code) =>
        code === 0 ? resolve(output) : reject(new CommandFailed(command, `exit code ${code}`, said)),
      );
    });
  } finally {
    clearTimeout(announce);
    clearInterval(remind);
    if (announced) process.stderr.write(`  done in ${seconds()} s\n`);
  }
}
