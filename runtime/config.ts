import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { deploymentId, organizationId } from '../domain/intake/fields';
import { BACKUP_RETENTION_DAYS, ROTATION_RULE } from '../domain/rotation';
import { azure } from './azure';
import { control, inOwnAccount } from './control';
import { identity, notApart } from './identity';
import { notify } from './notify';
import { publication } from './publication';
import { references } from './references';
import { readSecretFile } from './secret-file';

/** A file that holds one secret. Configuration names secrets, it never holds them. */
const secretFile = z.string().min(1);
const port = z.int().min(0).max(65_535);
const milliseconds = z.int().positive();
const publicKeyJwk = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
});

const fields = z.strictObject({
  deployment: deploymentId,
  /** `development` is stamped into every ledger's first entry and every checkpoint, and alone allows emulators. */
  mode: z.enum(['development', 'production']),
  /** File with the application role's PostgreSQL URL. */
  databaseUrlFile: secretFile,
  temporal: z.strictObject({
    /** Reached in plaintext; `null`: as the profile of Temporal's own environment configuration says. */
    address: z.string().nullable(),
    /** `null`: the profile's, or else `default`. */
    namespace: z.string().nullable().default(null),
    uiUrl: z.url().nullable(),
    codec: z.strictObject({
      /** What payloads are sealed with: the first seals, all open. A new one is made known to every process before it is put first. */
      keys: z
        .array(z.strictObject({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/), file: secretFile }))
        .min(1)
        .max(20),
      /** Origins of Web UIs that may use the codec endpoint, beside that of `uiUrl`. */
      uiOrigins: z.array(z.url()).max(20).default([]),
    }),
  }),
  signer: z.strictObject({
    socket: z.string(),
    /** The workers': statements may be asked for with it. */
    tokenFile: secretFile,
    /** The API's: everything but statements. */
    readerTokenFile: secretFile,
    keysDir: z.string(),
  }),
  trust: z.strictObject({
    orderIssuer: z.strictObject({ issuer: z.string(), keys: z.array(publicKeyJwk) }),
    actorKeys: z.array(publicKeyJwk),
    custodyKeys: z.array(publicKeyJwk),
  }),
  api: z.strictObject({
    host: z.string(),
    port,
    url: z.url(),
    actorKeyFile: secretFile,
    actorKid: z.string(),
    /** How long the API waits for a worker's answer. */
    messageDeadlineMs: milliseconds.default(5000),
  }),
  workers: z.strictObject({
    healthHost: z.string(),
    custodyPort: port,
    platformPort: port,
    /** Of the signer's health and metrics: it serves its work on a Unix socket. `null`: not served. */
    signerPort: port.nullable().default(null),
    /** Organizations whose ledger can't be restored any more: nothing of them is opened, and the others are served. */
    leftClosed: z.array(organizationId).max(1_000).default([]),
  }),
  aws: z.strictObject({
    /** The principal that customers' roles trust. */
    identity,
    emulatorUrl: z.url().nullable(),
  }),
  azure: azure.default({ apps: [], egressRanges: [], emulator: null }),
  platform: z.strictObject({
    region: z.string(),
    /** Encrypts and decrypts with platform keys. */
    content: identity,
    /** Creates, disables and schedules deletion of platform keys: the platform process alone may use it. */
    control: identity,
  }),
  control: control.nullable().default(null),
  references: references.default({ folder: null, secretsManager: null, vault: null }),
  notify,
  /** The platform key must refuse so often, and over so long, before it counts as sealed. */
  sealing: z.strictObject({ refusals: z.int().min(3).default(4), overMs: milliseconds.default(60_000) }),
  /** How often each arrangement in use is probed; and, in full, what hardly ever changes. */
  sweep: z
    .strictObject({
      periodMs: milliseconds.min(4_000).default(300_000),
      thoroughMs: milliseconds.default(3_600_000),
    })
    .default({ periodMs: 300_000, thoroughMs: 3_600_000 }),
  /** How often each ledger is audited; and, from its first entry on, at least once in `wholeMs`. */
  audit: z
    .strictObject({
      periodMs: milliseconds.min(4_000).default(300_000),
      wholeMs: milliseconds.default(86_400_000),
    })
    .default({ periodMs: 300_000, wholeMs: 86_400_000 }),
  /** `null`, in development only: ledgers are published nowhere. */
  publication: publication.nullable().default(null),
  /** When a workspace key gets its next version though nobody asks: whatever comes first. */
  rotation: z
    .strictObject({
      maxAgeDays: z.int().min(1).max(3650).default(ROTATION_RULE.maxAgeDays),
      maxOperations: z.int().positive().default(ROTATION_RULE.maxOperations),
    })
    .default(ROTATION_RULE),
  /** How long the operator's backups of the database are kept: until then a backup may need a retired key. */
  backupRetentionDays: z.int().min(0).max(3650).default(BACKUP_RETENTION_DAYS),
  cipher: z.strictObject({
    operationDeadlineMs: milliseconds.default(5000),
    coalesce: z.enum(['on', 'off']).default('on'),
    maxWaiting: z.int().positive().default(4096),
  }),
});
/** The one configuration: every process reads the same file and takes its part. Times are in milliseconds. */
export const configuration = fields.superRefine((config, context) => {
  for (const { path, message } of notApart(config)) context.addIssue({ code: 'custom', path, message });
  if (config.azure.apps.some(({ clientId }) => clientId === config.references.vault?.app.clientId))
    context.addIssue({
      code: 'custom',
      path: ['references', 'vault', 'app', 'clientId'],
      message: 'is that of an app that serves customers',
    });
  const misplaced = inOwnAccount(config.control, config.platform.content.arn);
  if (misplaced !== null)
    context.addIssue({ code: 'custom', path: ['control', 'aws', 'roleArn'], message: misplaced });
});
export type Configuration = z.infer<typeof configuration>;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Runtime {
  readonly config: Configuration;
  /** The environment it was started in, for checks of what other libraries would read there. */
  readonly env: Environment;
  /** Reads a secret that the configuration names; the path is relative to the configuration's folder. */
  secret(file: string): string;
  /** A path of the configuration, made absolute. */
  path(file: string): string;
}

/**
 * Reads and checks the configuration, once, at start.
 * @param env the environment: `SMSK_CONFIG` names the file.
 * @throws Error that names each field that's wrong.
 */
export function loadConfiguration(env: Environment = process.env): Runtime {
  const file = env.SMSK_CONFIG;
  if (file === undefined || file === '') throw new Error('SMSK_CONFIG must name the configuration file');
  const parsed = configuration.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  if (config.mode === 'production' && config.aws.emulatorUrl !== null) {
    throw new Error(`${file}: aws.emulatorUrl is allowed in mode development only`);
  }
  if (config.mode === 'production' && config.publication === null) {
    throw new Error(`${file}: publication must be named in mode production: ledgers are published there`);
  }
  if (config.mode === 'production' && config.azure.emulator !== null) {
    throw new Error(`${file}: azure.emulator is allowed in mode development only`);
  }
  if (config.mode === 'production' && config.notify.receiver !== null) {
    throw new Error(`${file}: notify.receiver is allowed in mode development only`);
  }
  if (config.mode === 'production' && config.temporal.address !== null) {
    throw new Error(
      `${file}: temporal.address is plaintext, for mode development only; null takes a profile`,
    );
  }
  const path = (name: string) => resolve(dirname(file), name);
  return { config, env, path, secret: (name) => readSecretFile(path(name)) };
}
