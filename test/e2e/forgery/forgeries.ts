import { randomBytes, randomUUID } from 'node:crypto';
import { connectionDigest, identityOf } from '../../../domain/connection';
import { sha256Hex } from '../../../domain/digest';
import type { KeyVersion } from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import { custodyStatement, envelopeStatement } from '../../../domain/statement';
import type { Arrangement } from '../deployment/arrangement';
import type { Attacker } from '../deployment/attacker';
import { insert, type Query, type Row, restore, rowsOf, TABLES } from './rows';

/** An organization in customer custody, and what somebody who owns the database can put in its rows. */
export interface Victim {
  readonly arrangement: Arrangement;
  /** Another organization with the same provider, in customer custody too. */
  readonly other: Arrangement;
  readonly attacker: Attacker;
  /** Its rows as they were before the switch. */
  readonly past: ReadonlyMap<string, readonly Row[]>;
}

export interface Forgery {
  readonly name: string;
  /** Of encrypt, decrypt of version 1, decrypt of version 2; {@link REFUSED} unless said. */
  readonly answers?: readonly string[];
  readonly forge: (query: Query, victim: Victim) => Promise<unknown>;
}
export const REFUSED = Array<string>(3).fill('STATEMENT_INVALID');
export const SERVED = Array<string>(3).fill('served');
const ONLY_VERSION_2 = ['STATEMENT_INVALID', 'served', 'STATEMENT_INVALID'];

const V2 = 2 as KeyVersion;
/** A workspace key of the attacker's choice. */
const CHOSEN = randomBytes(32);

const idOf = ({ arrangement }: Victim) => arrangement.organization.id;
const attackersInput = ({ attacker }: Victim) => attacker.cloud.customer.connection();
const attackersDigest = (victim: Victim) =>
  connectionDigest(idOf(victim), victim.arrangement.organization.externalId, attackersInput(victim));

const update =
  (table: string, set: string, more: (victim: Victim) => unknown[] = () => []) =>
  (query: Query, victim: Victim): Promise<unknown> =>
    query(`UPDATE ${table} SET ${set} WHERE organization_id = $1`, [idOf(victim), ...more(victim)]);

/** Another connection of the victim's, to the attacker's account and key, verified and all. */
async function plantConnection(query: Query, victim: Victim): Promise<string> {
  const [connection = {}] = await rowsOf(query, 'connection', idOf(victim));
  const [verification = {}] = await rowsOf(query, 'verification', idOf(victim));
  const id = randomUUID();
  const input = attackersInput(victim);
  const { key } = input;
  await insert(query, 'connection', {
    ...connection,
    ...{
      id,
      key,
      input: JSON.stringify(input),
      identity: identityOf(input),
      digest: attackersDigest(victim),
    },
  });
  const { keyRef: key_ref } = victim.attacker;
  await insert(query, 'verification', { ...verification, ledger_index: 9_000, connection_id: id, key_ref });
  return id;
}

/** The version's live envelope, replaced by one under the attacker's key; with which statement is the question. */
async function plantEnvelope(query: Query, victim: Victim, sign: (row: Row) => Promise<string>) {
  const organization = idOf(victim);
  const context = { organization, purpose: 'workspace-key', keyVersion: V2 } as const;
  const { wrapped, keyRef: key_ref } = await victim.attacker.cloud.wrap(CHOSEN, context);
  const live = (await rowsOf(query, 'envelope', organization)).find(
    (row) => row['version'] === V2 && row['custody'] === 'customer',
  );
  if (live === undefined) throw new Error('no envelope');
  const wrapped_sha256 = sha256Hex(wrapped);
  const planted: Row = {
    ...live,
    ...{ key_ref, wrapped: `\\x${wrapped.toString('hex')}`, wrapped_sha256 },
    check_value: checkValueOf(CHOSEN, organization, V2),
  };
  await query(`DELETE FROM envelope WHERE organization_id = $1 AND wrapped_sha256 = $2`, [
    organization,
    live['wrapped_sha256'],
  ]);
  await insert(query, 'envelope', { ...planted, statement: await sign(planted) });
  await query(
    `UPDATE custody SET envelopes = envelopes || jsonb_build_object($2::text, $3::text) WHERE organization_id = $1`,
    [organization, String(V2), wrapped_sha256],
  );
  return planted;
}

/** As our signer would state it, but signed by the attacker's. */
const signedBy =
  ({ signer }: Attacker) =>
  (row: Row): Promise<string> => {
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
    return signer.signStatement('envelope', statement);
  };

export const FORGERIES: readonly Forgery[] = [
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
    forge: (query, victim) =>
      query(
        `UPDATE custody SET statement = o.statement, epoch = o.epoch, connection_id = o.connection_id
         FROM (SELECT * FROM custody WHERE organization_id = $2) o WHERE custody.organization_id = $1`,
        [idOf(victim), victim.other.organization.id],
      ),
  },
  {
    name: 'everything as it was before the switch: custody, envelopes, no sealing',
    forge: async (query, victim) => {
      for (const table of TABLES) await restore(query, table, idOf(victim), victim.past.get(table) ?? []);
    },
  },
  {
    name: 'custody as it was before the switch, the rest as now',
    forge: (query, victim) => restore(query, 'custody', idOf(victim), victim.past.get('custody') ?? []),
  },
  {
    name: 'another connection, to the attacker’s account and key',
    forge: async (query, victim) => {
      const id = await plantConnection(query, victim);
      await update('custody', 'connection_id = $2', () => [id])(query, victim);
    },
  },
  {
    name: 'another connection, its custody signed by the attacker',
    forge: async (query, victim) => {
      const { attacker } = victim;
      const connectionId = await plantConnection(query, victim);
      const planted = await plantEnvelope(query, victim, signedBy(attacker));
      const [row = {}] = await rowsOf(query, 'custody', idOf(victim));
      const statement = custodyStatement.parse({
        type: 'smsk-custody/v1',
        organization: idOf(victim),
        custody: 'customer',
        epoch: row['epoch'],
        currentVersion: 2,
        connectionId,
        connectionDigest: attackersDigest(victim),
        keyRef: attacker.keyRef,
        envelopes: { 2: planted['wrapped_sha256'] },
        operationId: planted['operation_id'],
        ledgerIndex: row['ledger_index'],
      });
      const jws = await attacker.signer.signStatement('custody', statement);
      await update('custody', 'connection_id = $2, statement = $3', () => [connectionId, jws])(query, victim);
    },
  },
  {
    name: 'the connection’s account and key',
    forge: update('connection', 'input = $2', (victim) => [JSON.stringify(attackersInput(victim))]),
  },
  {
    name: 'the connection’s account and key, its digest and the pinned key with them',
    forge: async (query, victim) => {
      const entered = [JSON.stringify(attackersInput(victim)), attackersDigest(victim)];
      await update('connection', 'input = $2, digest = $3', () => entered)(query, victim);
      await update('verification', 'key_ref = $2', ({ attacker }) => [attacker.keyRef])(query, victim);
    },
  },
  {
    name: 'the connection’s external ID',
    forge: update('connection', `external_id = 'anybodys'`),
  },
  {
    // The pinned key is that of the live envelopes: a verification that says otherwise is found, and moves nothing.
    name: 'the pinned key',
    answers: SERVED,
    forge: update('verification', 'key_ref = $2', ({ attacker }) => [attacker.keyRef]),
  },
  {
    name: 'an envelope under the attacker’s key, with the statement of the one it replaces',
    forge: (query, victim) => plantEnvelope(query, victim, async (row) => String(row['statement'])),
  },
  {
    name: 'an envelope under the attacker’s key, signed by the attacker',
    forge: (query, victim) => plantEnvelope(query, victim, signedBy(victim.attacker)),
  },
  {
    name: 'an envelope with another organization’s statement',
    answers: ONLY_VERSION_2,
    forge: (query, victim) =>
      query(
        `UPDATE envelope SET statement = (SELECT statement FROM envelope
           WHERE organization_id = $2 AND version = 2 AND custody = 'customer')
         WHERE organization_id = $1 AND version = 2`,
        [idOf(victim), victim.other.organization.id],
      ),
  },
  {
    name: 'the check value of an envelope',
    answers: ONLY_VERSION_2,
    forge: (query, victim) =>
      query('UPDATE envelope SET check_value = $2 WHERE organization_id = $1 AND version = 2', [
        idOf(victim),
        checkValueOf(CHOSEN, idOf(victim), V2),
      ]),
  },
  {
    // It bars the way back; what is there without it is still the truth.
    name: 'the sealed statement deleted',
    answers: SERVED,
    forge: update('custody', 'sealed = NULL'),
  },
];
