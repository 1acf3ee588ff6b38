import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { root } from './paths.mjs';

/** Installs what package-lock.json names, unless it's installed already. */
export async function installNodeModules() {
  if (isCurrent()) return;
  await run('Installing npm packages', 'npm', ['ci', '--no-fund', '--no-audit'], { cwd: root });
}

/**
 * npm writes what it has installed to a lock file of its own, as its last act. Packages for other platforms
 * are missing from it (optional); anything else that differs means that node_modules is stale.
 */
export function isCurrent(folder = root) {
  const installedFile = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = packages(join(folder, 'package-lock.json'));
  const installed = packages(installedFile);
  const isThere = ([path, { version, integrity, optional }]) =>
    path === '' ||
    (installed[path] === undefined
      ? optional === true
      : installed[path].version === version && installed[path].integrity === integrity);
  return (
    Object.entries(wanted).every(isThere) &&
    Object.keys(installed).every((path) => wanted[path] !== undefined)
  );
}

const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
