// Mints or revokes an API token. Needs SMSK_CONFIG, like the processes it's for.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ROLES } from '../../domain/actor';
import { organizationName } from '../../domain/intake/fields';
import { signerClient } from '../../ledger/signer-client';
import { loadConfiguration } from '../../runtime/config';
import { createLogger } from '../../runtime/logging';
import { createStore } from '../../store';
import { mintToken, tokenDigest } from './mint';

const USAGE = `scripts/token add --role ROLE --name NAME [--organization ORG] --file FILE
scripts/token revoke --file FILE

ROLE is one of ${ROLES.join(', ')}. A customer's and a service's token is for one organization.
The token is written to FILE; the database keeps only its SHA-256.`;

const FOR_ONE_ORGANIZATION: readonly string[] = ['customer-admin', 'customer-auditor', 'approver', 'service'];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      role: { type: 'string' },
      name: { type: 'string' },
      organization: { type: 'string' },
      file: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const { file, name } = values;
  const role = ROLES.find((known) => known === values.role);
  const [action] = positionals;
  if (values.help || file === undefined || !['add', 'revoke'].includes(action ?? '')) return usage();
  const { config, path, secret } = loadConfiguration();
  const signer = signerClient({
    socketPath: path(config.signer.socket),
    token: secret(config.signer.tokenFile),
  });
  const options = {
    url: secret(config.databaseUrlFile),
    deployment: config.deployment,
    mode: config.mode,
    random: randomBytes,
  };
  const store = createStore(options, signer, createLogger('token', 'silent'));
  try {
    if (action === 'revoke') {
      await store.revokeToken(tokenDigest(readFileSync(file, 'utf8').trim()));
      console.log(`The token in ${file} is revoked from now on.`);
      return;
    }
    if (role === undefined || name === undefined) return usage();
    if (FOR_ONE_ORGANIZATION.includes(role) !== (values.organization !== undefined)) return usage();
    const organization =
      values.organization === undefined
        ? null
        : await store.organizationByName(organizationName.parse(values.organization));
    if (values.organization !== undefined && organization === null)
      throw new Error(`there is no organization ${values.organization}`);
    await mintToken(store, { role, name, organization: organization?.id ?? null }, file);
    console.log(`Wrote a token for ${name} (${role}) to ${file}.`);
  } finally {
    await store.close();
  }
}

function usage(): void {
  console.log(USAGE);
  process.exitCode = 2;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
