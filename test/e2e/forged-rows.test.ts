import { randomBytes, randomUUID } from 'node:crypto';
import { WorkspaceUnavailable } from '../../cipher';
import { connectionDigest, connectionInput } from '../../domain/connection';
import { sha256Hex } from '../../domain/digest';
import type { KeyRef, KeyVersion } from '../../domain/ids';
import { checkValueOf } from '../../domain/key-check';
import { custodyStatement, envelopeStatement } from '../../domain/statement';
import { createStore } from '../../store';
import { Arrangement } from './deployment/arrangement';
import { type Attacker, attackerOf } from './deployment/attacker';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { copyOf } from './deployment/database-copy';
import { type Deployment, openDeployment } from './deployment/deployment';
import { asSuperuser } from './deployment/sql';
import { QUICK, startWorkers } from './deployment/workers';

/**
 * A database superuser, who can write every row and has read every statement ever signed, against the cipher on
 * real parts. Each forgery is made in a copy of the database, so none sees another's.
 */
type Row = Record<string, unknown>;
type Query = (text: string, values?: unknown[]) => Promise<Row[]>;

let deployment: Deployment;
let acme: Arrangement;
let other: Arrangement;
let attacker: Attacker;
let genuine: OpenCipher;
/** Rows as they were before the switch. */
const past = new Map<string, Row[]>();
const ciphertexts: Buffer[] = [];
let platformKey = '';
const record = { record: 'r-1' };
/** A workspace key of the attacker's choice. */
const chosen = randomBytes(32);

const TABLES = ['custody', 'envelope', 'key_version', 'statement', 'connection', 'verification', 'operation'];

const rowsOf = (query: Query, table: string, organization: string) =>
  query(`SELECT to_jsonb(t) AS row FROM ${table} t WHERE organization_id = $1`, [organization]).then((rows) =>
    rows.map(({ row }) => row as Row),
  );

async function restore(query: Query, table: string, rows: readonly Row[]): Promise<void> {
  await query(`DELETE FROM ${table} WHERE organization_id = $1`, [acme.organization.id]);
  for (const row of rows) await insert(query, table, row);
}

const insert = (query: Query, table: string, row: Row) =>
  query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb)`, [
    JSON.stringify(row),
  ]);

beforeAll(async () => {
  deployment = await openDeployment();
  const stopWorkers = await startWorkers(deployment, { settings: QUICK });
  const early = await openCipher(deployment);
  [acme, other] = [
    await Arrangement.create(deployment, 'acme'),
    await Arrangement.create(deployment, 'other'),
  ];
  const { id } = acme.organization;
  ciphertexts.push(await early.cipher.encrypt(id, Buffer.from('old'), record));
  platformKey = (await deployment.store.platformKey(id))?.keyRef ?? '';
  await acme.reach('live');
  await asSuperuser(deployment.database.ownerUrl, async (query) => {
    for (const table of TABLES) past.set(table, await rowsOf(query, table, id));
  });
  await acme.reach('closed');
  await other.reach('closed');
  ciphertexts.push(await early.cipher.encrypt(id, Buffer.from('new'), record));
  attacker = await attackerOf(acme);
  await early.close();
  await stopWorkers();
  genuine = await openCipher(deployment);
});
afterAll(() => deployment?.close());

interface Forgery {
  readonly name: string;
  /** Of encrypt, decrypt of version 1, decrypt of version 2; the same for all unless said. */
  readonly answers?: readonly string[];
  readonly forge: (query: Query) => Promise<unknown>;
}
const REFUSED = Array<string>(3).fill('STATEMENT_INVALID');
const SERVED = Array<string>(3).fill('served');

const own = () => [acme.organization.id];
const update =
  (table: string, set: string, more: () => unknown[] = () => []) =>
  (query: Query): Promise<unknown> =>
    query(`UPDATE ${table} SET ${set} WHERE organization_id = $1`, [...own(), ...more()]);

/** Another connection of the victim's, to the attacker's role and key, verified and all. */
async function plantConnection(query: Query): Promise<string> {
  const [connection = {}] = await rowsOf(query, 'connection', acme.organization.id);
  const [verification = {}] = await rowsOf(query, 'verification', acme.organization.id);
  const id = randomUUID();
  const input = attackersInput();
  const { id: organization, externalId } = acme.organization;
  const digest = connectionDigest(organization, externalId, input);
  const { keyArn: key, roleArn: identity } = attacker.customer;
  await insert(query, 'connection', {
    ...connection,
    id,
    input: JSON.stringify(input),
    key,
    identity,
    digest,
  });
  const ledger_index = 9_000;
  await insert(query, 'verification', { ...verification, ledger_index, connection_id: id, key_ref: key });
  return id;
}

const attackersInput = () => {
  const { roleArn, keyArn: key } = attacker.customer;
  const credential = { kind: 'aws-role', roleArn };
  return connectionInput.parse({ provider: 'aws-kms', region: 'eu-central-1', key, credential });
};

/** The version's live envelope, replaced by one under the attacker's key; with which statement is the question. */
async function plantEnvelope(query: Query, version: KeyVersion, sign: (row: Row) => Promise<string>) {
  const { id } = acme.organization;
  const wrapped = await attacker.wrap(chosen, version);
  const live = (await rowsOf(query, 'envelope', id)).find(
    (row) => row['version'] === version && row['custody'] === 'customer',
  );
  if (live === undefined) throw new Error('no envelope');
  const planted: Row = {
    ...live,
    wrapped: `\\x${wrapped.toString('hex')}`,
    wrapped_sha256: sha256Hex(wrapped),
    key_ref: attacker.customer.keyArn,
    check_value: checkValueOf(chosen, id, version),
  };
  await query(`DELETE FROM envelope WHERE organization_id = $1 AND wrapped_sha256 = $2`, [
    id,
    live['wrapped_sha256'],
  ]);
  await insert(query, 'envelope', { ...planted, statement: await sign(planted) });
  await query(
    `UPDATE custody SET envelopes = envelopes || jsonb_build_object($2::text, $3::text) WHERE organization_id = $1`,
    [id, String(version), planted['wrapped_sha256']],
  );
  return planted;
}

/** As our signer would state it, but signed by the attacker's. */
function attackersStatement(row: Row): Promise<string> {
  const statement = envelopeStatement.parse({
    type: 'smsk-envelope/v1',
    organization: row['organization_id'],
    version: row['version'],
    custody: row['custody'],
    connectionId: row['connection_id'],
    wrappedSha256: row['wrapped_sha256'],
    checkValue: row['check_value'],
    keyRef: row['key_ref'],
    operationId: row['operation_id'],
    epoch: row['epoch'],
    ledgerIndex: row['ledger_index'],
  });
  return attacker.signer.signStatement('envelope', statement);
}

const V2 = 2 as KeyVersion;
const onlyVersion2 = ['STATEMENT_INVALID', 'served', 'STATEMENT_INVALID'];
const FORGERIES: readonly Forgery[] = [
  {
    name: 'custody set back to platform',
    forge: update('custody', `custody = 'platform', connection_id = NULL`),
  },
  {
    name: 'the current version set back',
    forge: update('custody', 'current_version = 1'),
  },
  {
    name: 'the epoch raised',
    forge: update('custody', 'epoch = epoch + 1'),
  },
  {
    name: 'custody of another organization, truly signed',
    forge: (query) =>
      query(
        `UPDATE custody SET statement = o.statement, epoch = o.epoch, connection_id = o.connection_id
         FROM (SELECT * FROM custody WHERE organization_id = $2) o WHERE custody.organization_id = $1`,
        [...own(), other.organization.id],
      ),
  },
  {
    name: 'everything as it was before the switch: custody, envelopes, no sealing',
    forge: async (query) => {
      for (const table of TABLES) await restore(query, table, past.get(table) ?? []);
    },
  },
  {
    name: 'custody as it was before the switch, the rest as now',
    forge: (query) => restore(query, 'custody', past.get('custody') ?? []),
  },
  {
    name: 'another connection, to the attacker’s role and key',
    forge: async (query) => {
      const id = await plantConnection(query);
      await query('UPDATE custody SET connection_id = $2 WHERE organization_id = $1', [...own(), id]);
    },
  },
  {
    name: 'another connection, its custody signed by the attacker',
    forge: async (query) => {
      const id = await plantConnection(query);
      const planted = await plantEnvelope(query, V2, attackersStatement);
      const [row = {}] = await rowsOf(query, 'custody', acme.organization.id);
      const { id: organization, externalId } = acme.organization;
      const statement = custodyStatement.parse({
        type: 'smsk-custody/v1',
        organization,
        custody: 'customer',
        epoch: row['epoch'],
        currentVersion: 2,
        connectionId: id,
        connectionDigest: connectionDigest(organization, externalId, attackersInput()),
        keyRef: attacker.customer.keyArn,
        envelopes: { 2: planted['wrapped_sha256'] },
        operationId: planted['operation_id'],
        ledgerIndex: row['ledger_index'],
      });
      await query('UPDATE custody SET connection_id = $2, statement = $3 WHERE organization_id = $1', [
        ...own(),
        id,
        await attacker.signer.signStatement('custody', statement),
      ]);
    },
  },
  {
    name: 'the connection’s role and key',
    forge: (query) => update('connection', 'input = $2', () => [JSON.stringify(attackersInput())])(query),
  },
  {
    name: 'the connection’s role and key, its digest and the pinned key with them',
    forge: async (query) => {
      const { id, externalId } = acme.organization;
      const digest = connectionDigest(id, externalId, attackersInput());
      const input = JSON.stringify(attackersInput());
      await update('connection', 'input = $2, digest = $3', () => [input, digest])(query);
      await update('verification', 'key_ref = $2', () => [attacker.customer.keyArn])(query);
    },
  },
  {
    name: 'the connection’s external ID',
    forge: update('connection', `external_id = 'anybodys'`),
  },
  {
    name: 'the pinned key',
    forge: (query) => update('verification', 'key_ref = $2', () => [attacker.customer.keyArn])(query),
  },
  {
    name: 'an envelope under the attacker’s key, with the statement of the one it replaces',
    answers: onlyVersion2,
    forge: (query) => plantEnvelope(query, V2, async (row) => String(row['statement'])),
  },
  {
    name: 'an envelope under the attacker’s key, signed by the attacker',
    answers: onlyVersion2,
    forge: (query) => plantEnvelope(query, V2, attackersStatement),
  },
  {
    name: 'an envelope with another organization’s statement',
    answers: onlyVersion2,
    forge: (query) =>
      query(
        `UPDATE envelope SET statement = (SELECT statement FROM envelope
           WHERE organization_id = $2 AND version = 2 AND custody = 'customer')
         WHERE organization_id = $1 AND version = 2`,
        [...own(), other.organization.id],
      ),
  },
  {
    name: 'the check value of an envelope',
    answers: onlyVersion2,
    forge: (query) =>
      query('UPDATE envelope SET check_value = $2 WHERE organization_id = $1 AND version = 2', [
        ...own(),
        checkValueOf(chosen, acme.organization.id, V2),
      ]),
  },
  {
    // It bars the way back; what is there without it is still the truth.
    name: 'the sealed statement deleted',
    answers: SERVED,
    forge: update('custody', 'sealed = NULL'),
  },
];

async function answersOn(content: OpenCipher): Promise<string[]> {
  const { id } = acme.organization;
  const [v1, v2] = ciphertexts;
  const { cipher } = content;
  const attempts = [
    async () => {
      const ciphertext = await cipher.encrypt(id, Buffer.from('secret'), record);
      // Not redirected: it opens under the true custody.
      expect(await genuine.cipher.decrypt(id, ciphertext, record)).toEqual(Buffer.from('secret'));
    },
    () => cipher.decrypt(id, v1 ?? Buffer.alloc(0), record),
    () => cipher.decrypt(id, v2 ?? Buffer.alloc(0), record),
  ];
  const answers: string[] = [];
  for (const attempt of attempts) {
    answers.push(
      await attempt().then(
        () => 'served',
        (error: unknown) => {
          if (error instanceof WorkspaceUnavailable) return error.providerCode;
          throw error;
        },
      ),
    );
  }
  return answers;
}

test.each(FORGERIES.map((forgery) => [forgery.name, forgery] as const))(
  'forged: %s: no write is redirected, no other key is asked, and the audit finds it',
  async (_, { forge, answers = REFUSED }) => {
    const { outside, runtime, signer, log } = deployment;
    const { config } = runtime;
    const copy = await copyOf(deployment.database);
    try {
      await asSuperuser(copy.ownerUrl, async (query) => {
        for (const table of TABLES) await query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
        await forge(query);
        for (const table of TABLES)
          await query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER USER`).catch(() => []);
      });
      const since = outside.aws.lastSequence();
      const secret = (file: string) => (file === config.databaseUrlFile ? copy.url : runtime.secret(file));
      const forged = await openCipher({ ...deployment, runtime: { ...runtime, secret } });
      expect(await answersOn(forged)).toEqual(answers);
      await forged.close();

      const asked = outside.aws.trail(since);
      expect(asked.filter(({ recipientAccountId: id }) => id === attacker.customer.account)).toEqual([]);
      const keys = asked.flatMap(({ resources }) => (resources ?? []).map(({ ARN }) => ARN));
      expect(keys).not.toContain(platformKey as KeyRef);

      const { deployment: name, mode } = config;
      const store = createStore(
        { url: copy.url, deployment: name, mode, random: randomBytes },
        signer,
        log.logger,
      );
      const found = await store.auditRows();
      await store.close();
      expect(found.map(({ organization }) => organization)).toContain(acme.organization.id);
    } finally {
      await copy.drop();
    }
  },
);

test('without a forgery everything is served and the audit finds nothing', async () => {
  expect(await answersOn(genuine)).toEqual(SERVED);
  expect(await deployment.store.auditRows()).toEqual([]);
});
