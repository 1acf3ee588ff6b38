import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { BACKUP_RETENTION_DAYS, ROTATION_RULE } from '../../domain/rotation';
import { createSignerKeys, hasSignerKeys, KEY_FILES, loadSigningKey } from '../../ledger/signer-keys';
import type { Configuration } from '../../runtime/config';
import type { Operator } from './operator';
import type { OperatorApp } from './operator-app';
import { ed25519Pem, randomToken, secretFile } from './secrets';

export const DEPLOYMENT = 'novantra-dev';
export const PLATFORM_REGION = 'eu-central-1';

export interface Addresses {
  readonly databaseUrl: string;
  readonly temporal: string;
  readonly temporalUi: string;
  readonly aws: string;
  /** The emulator, and the file with the authority that its certificate is from. */
  readonly azure: Configuration['azure']['emulator'];
  readonly apiPort: number;
  readonly custodyPort: number;
  readonly platformPort: number;
}

interface Commerce {
  readonly issuer: string;
  readonly keys: Configuration['trust']['orderIssuer']['keys'];
}

/**
 * Makes the operator's own keys where there are none yet, and writes the one configuration file for this
 * machine's addresses.
 * @returns its path.
 */
export async function writeConfiguration(
  folder: string,
  addresses: Addresses,
  { account, app, canary }: Operator,
  commerce: Commerce,
  timing: { sealingOverMs: number },
): Promise<string> {
  const keysDir = join(folder, 'signer');
  if (!(await hasSignerKeys(keysDir))) await createSignerKeys(keysDir);
  const { jwk: custodyKey } = await loadSigningKey(join(keysDir, KEY_FILES.custody));
  const actorKey = await publicHalf(secretFile(join(folder, 'actor.pem'), ed25519Pem));
  secretFile(join(folder, 'signer.token'), randomToken);
  secretFile(join(folder, 'signer-reader.token'), randomToken);
  secretFile(join(folder, 'codec.key'), randomToken);
  secretFile(join(folder, 'webhook.key'), randomToken);
  const databaseUrlFile = join(folder, 'database.url');
  writeFileSync(databaseUrlFile, addresses.databaseUrl, { mode: 0o600 });

  const credentials = join(folder, 'credentials');
  mkdirSync(credentials, { recursive: true, mode: 0o700 });

  const config: Configuration = {
    deployment: DEPLOYMENT as Configuration['deployment'],
    mode: 'development',
    databaseUrlFile,
    temporal: {
      address: addresses.temporal,
      namespace: 'default',
      uiUrl: addresses.temporalUi,
      codec: { keys: [{ id: 'first', file: 'codec.key' }], uiOrigins: [] },
    },
    signer: {
      socket: 'signer.sock',
      tokenFile: 'signer.token',
      readerTokenFile: 'signer-reader.token',
      keysDir,
    },
    trust: { orderIssuer: commerce, actorKeys: [actorKey], custodyKeys: [{ ...custodyKey }] },
    api: {
      host: '127.0.0.1',
      port: addresses.apiPort,
      url: `http://127.0.0.1:${addresses.apiPort}`,
      actorKeyFile: 'actor.pem',
      actorKid: actorKey.kid,
      messageDeadlineMs: 5000,
    },
    workers: {
      healthHost: '127.0.0.1',
      custodyPort: addresses.custodyPort,
      platformPort: addresses.platformPort,
      signerPort: null,
      leftClosed: [],
    },
    aws: {
      identity: account.principal,
      emulatorUrl: addresses.aws,
    },
    azure: {
      apps: app === null ? [] : [appOf(app)],
      egressRanges: [],
      emulator: addresses.azure,
    },
    platform: {
      region: PLATFORM_REGION,
      content: account.content,
      control: account.control,
    },
    control: canary,
    references: { folder: credentials, secretsManager: null, vault: null },
    notify: {
      webhookKeyFile: 'webhook.key',
      smtp: null,
      operator: { mail: [], webhooks: [] },
      receiver: null,
    },
    sealing: { refusals: 4, overMs: timing.sealingOverMs },
    sweep: { periodMs: 300_000, thoroughMs: 3_600_000 },
    audit: { periodMs: 300_000, wholeMs: 86_400_000 },
    publication: { kind: 'folder', folder: 'published' },
    rotation: ROTATION_RULE,
    backupRetentionDays: BACKUP_RETENTION_DAYS,
    cipher: { operationDeadlineMs: 5000, coalesce: 'on', maxWaiting: 4096 },
  };
  const file = join(folder, 'config.json');
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
  return file;
}

const appOf = ({ clientId, certificateFile: file }: OperatorApp): Configuration['azure']['apps'][number] => ({
  clientId,
  organization: null,
  source: { kind: 'certificate', file },
});

async function publicHalf(pem: string) {
  const { x = '' } = createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' });
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) };
}
