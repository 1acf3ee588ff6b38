import { z } from 'zod';
import { configuration } from '../../runtime/config';
import { table } from './markdown';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
}

/** What each field is for. A field without its words, or words without their field, fail. */
const WORDS: Readonly<Record<string, string>> = {
  deployment: 'name of this deployment; in every ledger, checkpoint and sealed payload. Never changed',
  mode: '`development` or `production`. Only the first lets in emulators and plaintext',
  databaseUrlFile: 'PostgreSQL’s URL for the application’s login, which owns nothing',
  'temporal.address': 'plaintext address, in development; `null`: Temporal’s environment configuration',
  'temporal.namespace': '`null`: the profile’s, or else `default`',
  'temporal.uiUrl': 'the Web UI, for links and for the codec endpoint’s CORS',
  'temporal.codec.keys[].id': 'name of a payload key; it stands beside what it sealed',
  'temporal.codec.keys[].file': '32 random bytes in base64url. The first key seals, all open',
  'temporal.codec.uiOrigins': 'further origins of Web UIs that may use the codec endpoint',
  'signer.socket': 'Unix socket of the signer',
  'signer.tokenFile': 'the workers’: statements may be asked for with it',
  'signer.readerTokenFile': 'the API’s: everything but statements',
  'signer.keysDir': 'the signer’s keys and state; no other process reads it',
  'trust.orderIssuer.issuer': '`iss` of signed orders',
  'trust.orderIssuer.keys': 'public keys (JWK, Ed25519) of the commerce system',
  'trust.actorKeys': 'public keys of actor tokens; two while one is replaced',
  'trust.custodyKeys': 'public keys of statements; two while one is replaced',
  'api.host': 'address that the API listens at',
  'api.port': 'its port',
  'api.url': 'its public URL, in links',
  'api.actorKeyFile': 'PEM of the key that signs actor tokens; the API alone reads it',
  'api.actorKid': 'its id among `trust.actorKeys`',
  'api.messageDeadlineMs': 'how long the API waits for a worker’s answer before `NO_WORKER`',
  'workers.healthHost': 'address of the workers’ `/healthz`, `/readyz`, `/metrics`',
  'workers.custodyPort': 'port of the custody worker’s',
  'workers.platformPort': 'port of the platform worker’s',
  'workers.signerPort': 'port of the signer’s; `null`: not served',
  'workers.leftClosed':
    'organizations (ids) that stay closed ([what can’t be restored](#what-cant-be-restored)): workers start without them',
  'aws.identity':
    'the principal that customers’ roles trust ([kinds](ARCHITECTURE.md#our-identities-at-aws))',
  'aws.emulatorUrl': 'development only; else `null`',
  'azure.apps[].clientId': 'an app registration of ours',
  'azure.apps[].organization': 'the one organization that it is for; `null`: several',
  'azure.apps[].source': 'how it proves itself: certificate, workload identity, managed identity',
  'azure.egressRanges': 'our outgoing addresses (CIDR), for customers’ firewalls',
  'azure.emulator': 'development only; else `null`',
  'platform.region': 'AWS region of the operator’s own keys',
  'platform.content': 'identity that encrypts and decrypts with them',
  'platform.control':
    'identity that creates, disables and schedules their deletion: the platform worker’s alone',
  'control.organization': 'a UUID that no organization has: what the canary’s envelopes are bound to',
  'control.externalId': 'external ID of the canary’s role; begins the name of its Azure key',
  'control.aws': 'the canary at AWS, in an account of its own: `region`, `key`, `roleArn`',
  'control.azure': 'the canary at Azure: `tenantId`, `key`, `clientId`',
  'references.folder': 'folder of `file:NAME` ([CREDENTIALS.md](CREDENTIALS.md))',
  'references.secretsManager': 'place of `aws:NAME`: `region`, `prefix`, `identity`',
  'references.vault': 'place of `azure:NAME`: `host`, `tenantId`, `app`',
  'notify.webhookKeyFile': 'what the secrets of webhook endpoints are derived from',
  'notify.smtp':
    'the operator’s mail relay ([NOTIFICATIONS.md](NOTIFICATIONS.md#configuration)); `null`: no mail',
  'notify.operator': 'our own people: `mail`, `webhooks`',
  'notify.receiver': 'development only; else `null`',
  'sealing.refusals': 'so often the platform key must refuse before it counts as sealed (at least 3)',
  'sealing.overMs': 'and over so long',
  'sweep.periodMs': 'between two probes of one organization (at least 4,000)',
  'sweep.thoroughMs': 'between two looks at trust policy, end of the credential, former platform key, rows',
  'audit.periodMs': 'between two audits of one ledger (at least 4,000)',
  'audit.wholeMs': 'at least so often from its first entry on',
  publication:
    'where ledgers are published: a folder, or a bucket ([AUDIT.md](AUDIT.md#where)); `null` in development only',
  'rotation.maxAgeDays': 'so old a workspace key version gets its next one by itself',
  'rotation.maxOperations': 'or after so many encrypts and decrypts',
  backupRetentionDays:
    'how long your backups of the database are kept: until then one may need a version of a customer’s key that is safe to disable otherwise',
  'cipher.operationDeadlineMs': 'deadline of an encrypt or decrypt, waiting included',
  'cipher.coalesce': '`on`: operations that arrive together share one unwrap; `off`: each has its own',
  'cipher.maxWaiting': 'operations of one organization that may wait; more are `OVERLOADED`',
};

interface Field {
  readonly path: string;
  /** `undefined`: it must be given. */
  readonly fallback: unknown;
}

/** Fields that have words, or none below them. */
function fieldsOf(schema: Schema, path: string, fallback: unknown, isNeeded: boolean): Field[] {
  // Where what is read is made into something else, its default isn't in the schema; a list's is an empty one.
  const none = schema.type === 'array' ? [] : null;
  if (path in WORDS) return [{ path, fallback: fallback ?? schema.default ?? (isNeeded ? undefined : none) }];
  const inner = schema.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;
  const { properties, items, required = [] } = inner;
  if (properties !== undefined) {
    const given = (fallback ?? schema.default) as Readonly<Record<string, unknown>> | null | undefined;
    return Object.entries(properties).flatMap(([name, field]) =>
      fieldsOf(field, path === '' ? name : `${path}.${name}`, given?.[name], required.includes(name)),
    );
  }
  if (items?.properties !== undefined) return fieldsOf(items, `${path}[]`, undefined, true);
  return [{ path, fallback: undefined }];
}

/** The reference of the configuration file. @throws Error for a field without words, and for words without a field */
export function configurationTable(): readonly string[] {
  const schema = z.toJSONSchema(configuration, { io: 'input', unrepresentable: 'any' }) as Schema;
  const fields = fieldsOf(schema, '', undefined, true);
  const wordless = fields.filter(({ path }) => !(path in WORDS)).map(({ path }) => path);
  if (wordless.length > 0) throw new Error(`say what these are for: ${wordless.join(', ')}`);
  const gone = Object.keys(WORDS).filter((path) => !fields.some((field) => field.path === path));
  if (gone.length > 0) throw new Error(`there are no such fields: ${gone.join(', ')}`);
  return table(
    ['field', 'what it is', 'unless given'],
    fields.map(({ path, fallback }) => [
      `\`${path}\``,
      WORDS[path] ?? '',
      fallback === undefined ? 'needed' : `\`${JSON.stringify(fallback)}\``,
    ]),
  );
}
