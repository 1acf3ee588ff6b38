import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createStatementVerifier, trust } from '../authority';
import { organizationName } from '../domain/intake/fields';
import { folderAt, publicationAt } from '../ledger/publication';
import { signerClient } from '../ledger/signer-client';
import { composeArchive } from '../providers/publication/compose';
import { loadConfiguration } from '../runtime/config';
import { createLogger } from '../runtime/logging';
import { createStore } from '../store';
import { restoreAll } from './restore/restoring';
import { restoredText } from './restore/words';

const USAGE = 'usage: smsk-restore [--dry-run] [--org NAME]';

/**
 * `smsk-restore`: brings a database that was put back to what was signed and published. For whoever may read the workers'
 * configuration; while it runs, no other process writes. @returns how many organizations were refused
 */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { 'dry-run': { type: 'boolean', default: false }, org: { type: 'string' } },
  });
  const { config, env, path, secret } = loadConfiguration();
  const { deployment, mode } = config;
  const calls = { env, path, processTag: 'restore', observe: () => undefined };
  const publication = publicationAt(composeArchive(config, { ...calls, folderAt }));
  if (publication === null) throw new Error('publication names no place to restore from');
  const trusted = trust.parse({ deployment, mode, ...config.trust });
  const signer = signerClient({
    socketPath: path(config.signer.socket),
    token: secret(config.signer.tokenFile),
  });
  const url = secret(config.databaseUrlFile);
  const store = createStore({ url, deployment, mode, random: randomBytes }, signer, createLogger('restore'));
  try {
    const only = values.org === undefined ? null : organizationName.parse(values.org);
    const statements = createStatementVerifier(trusted.custodyKeys);
    let refused = 0;
    for await (const each of restoreAll(
      { store, signer, publication, statements, deployment },
      { only, isDry: values['dry-run'] },
    )) {
      if (each.result === 'refused') refused += 1;
      process.stdout.write(`${restoredText(each)}\n`);
    }
    return refused;
  } finally {
    await store.close();
  }
}

main(process.argv.slice(2)).then(
  (refused) => {
    process.exitCode = refused === 0 ? 0 : 1;
  },
  (error: unknown) => {
    // In our own words: what to mend before it can begin.
    process.stderr.write(`${error instanceof Error ? error.message : 'it failed'}\n${USAGE}\n`);
    process.exitCode = 2;
  },
);
