import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-headless-shell', 'google-chrome', 'chrome'];

/** A Chromium of this machine's: named by `SMSK_CHROMIUM`, or on PATH. Nothing is downloaded. */
export function chromiumOf(env: NodeJS.ProcessEnv): string | null {
  const folders = (env['PATH'] ?? '').split(delimiter);
  const all = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const named = env['SMSK_CHROMIUM'];
  return (named === undefined ? all : [named]).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Without its own sandbox, which root may not have; it opens pages of this machine's alone. */
export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox'] });
