import { randomBytes, randomUUID } from 'node:crypto';
import type { CustodyRecord, EnvelopeRecord } from '../../domain/custody';
import { sha256Hex } from '../../domain/digest';
import type { ConnectionId, Epoch, KeyRef, KeyVersion, OperationId, Sha256Hex } from '../../domain/ids';
import { checkValueOf } from '../../domain/key-check';
import { CustodySigner } from '../fakes/cipher/custody-signer';
import { settled } from '../fakes/cipher/manual-clock';
import { type OrganizationRows, organizationRows } from '../fakes/cipher/organization';
import { CipherWorld, codeOf } from '../fakes/cipher/world';

/** Whoever owns the database: may write every column, and has seen every statement ever signed, but has no key. */
interface Loot {
  /** The organization's true rows: what is forged. */
  readonly rows: OrganizationRows;
  /** Another organization's, truly signed. */
  readonly foreign: OrganizationRows;
  /** The same organization's before its last switch (a smaller epoch), truly signed. */
  readonly older: OrganizationRows;
  /** From before it had customer custody, truly signed. */
  readonly platform: OrganizationRows;
  /** Signed with a key of the attacker's own. */
  readonly selfSigned: OrganizationRows;
}
type Forgery = (loot: Loot) => void;

const ANY = '0'.repeat(64) as Sha256Hex;
const OTHER_KEY = 'arn:aws:kms:eu-central-1:999900001111:key/aaaaaaaa-12ab-34cd-56ef-1234567890ab' as KeyRef;
const custody =
  (change: (loot: Loot) => Partial<CustodyRecord>): Forgery =>
  (loot) => {
    loot.rows.custody = { ...loot.rows.custody, ...change(loot) };
  };
const envelope =
  (change: (loot: Loot, row: EnvelopeRecord) => Partial<EnvelopeRecord>): Forgery =>
  (loot) => {
    loot.rows.envelopes = loot.rows.envelopes.map((row) => ({ ...row, ...change(loot, row) }));
  };
const connection =
  (change: (loot: Loot) => Partial<NonNullable<OrganizationRows['connection']>>): Forgery =>
  (loot) => {
    if (loot.rows.connection !== null) loot.rows.connection = { ...loot.rows.connection, ...change(loot) };
  };
const sameVersion = (from: OrganizationRows, row: EnvelopeRecord) =>
  from.envelopes.find((each) => each.version === row.version) ?? row;
const statementOf = (from: OrganizationRows, row: EnvelopeRecord) => sameVersion(from, row).statement;
/** Flips the last bit that a base64url text of a signature surely carries. */
const brokenSignature = (jws: string) =>
  `${jws.slice(0, -4)}${jws.at(-4) === 'A' ? 'B' : 'A'}${jws.slice(-3)}`;
/** Another payload under the same signature. */
const otherPayload = (jws: string, change: (claims: Record<string, unknown>) => object) => {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const forged = Buffer.from(JSON.stringify({ ...claims, ...change(claims) })).toString('base64url');
  return [header, forged, signature].join('.');
};

const FORGERIES: Record<string, Forgery> = {
  'custody.organization of another': custody(({ foreign }) => ({ organization: foreign.id })),
  'custody.custody set to platform': custody(() => ({ custody: 'platform' })),
  'custody.epoch raised': custody(({ rows }) => ({ epoch: (rows.custody.epoch + 1) as Epoch })),
  'custody.epoch lowered': custody(({ rows }) => ({ epoch: (rows.custody.epoch - 1) as Epoch })),
  'custody.currentVersion lowered': custody(() => ({ currentVersion: 1 as KeyVersion })),
  'custody.currentVersion raised': custody(() => ({ currentVersion: 3 as KeyVersion })),
  'custody.connectionId of another': custody(({ foreign }) => ({
    connectionId: foreign.custody.connectionId,
  })),
  'custody.connectionId removed': custody(() => ({ connectionId: null })),
  'custody.statement of another organization': custody(({ foreign }) => ({
    statement: foreign.custody.statement,
  })),
  'custody.statement of an older epoch': custody(({ older }) => ({ statement: older.custody.statement })),
  'custody.statement of platform days': custody(({ platform }) => ({
    statement: platform.custody.statement,
  })),
  'custody.statement self-signed': custody(({ selfSigned }) => ({ statement: selfSigned.custody.statement })),
  'custody.statement with a broken signature': custody(({ rows }) => ({
    statement: brokenSignature(rows.custody.statement),
  })),
  'custody.statement with another payload': custody(({ rows }) => ({
    statement: otherPayload(rows.custody.statement, () => ({ keyRef: OTHER_KEY })),
  })),
  'custody.statement that is an envelope’s': custody(({ rows }) => ({
    statement: rows.envelopes[0]?.statement ?? '',
  })),
  'custody.statement empty': custody(() => ({ statement: '' })),
  'custody row and statement of an older epoch': (loot) => {
    loot.rows.custody = loot.older.custody;
    loot.rows.envelopes = loot.older.envelopes;
    loot.rows.connection = loot.older.connection;
  },
  'custody of platform days, all of it': (loot) => {
    loot.rows.custody = loot.platform.custody;
    loot.rows.envelopes = loot.platform.envelopes;
    loot.rows.connection = null;
  },
  'custody of platform days, and no sealed statement': (loot) => {
    loot.rows.custody = loot.platform.custody;
    loot.rows.envelopes = loot.platform.envelopes;
    loot.rows.connection = null;
    loot.rows.sealed = null;
  },
  'everything of another organization': ({ rows, foreign }) => {
    Object.assign(rows, { ...foreign, id: rows.id });
  },
  'everything of another organization, renamed': ({ rows, foreign }) => {
    Object.assign(rows, { ...foreign, id: rows.id });
    rows.custody = { ...foreign.custody, organization: rows.id };
    rows.envelopes = foreign.envelopes.map((each) => ({ ...each, organization: rows.id }));
    if (foreign.connection !== null) rows.connection = { ...foreign.connection, organization: rows.id };
  },
  'everything self-signed': ({ rows, selfSigned }) => {
    Object.assign(rows, { ...selfSigned, id: rows.id });
  },

  'envelope removed': (loot) => {
    loot.rows.envelopes = [];
  },
  'envelope.organization of another': envelope(({ foreign }) => ({ organization: foreign.id })),
  'envelope.version swapped': (loot) => {
    const [one, two] = loot.rows.envelopes;
    if (one !== undefined && two !== undefined)
      loot.rows.envelopes = [
        { ...one, version: two.version },
        { ...two, version: one.version },
      ];
  },
  'envelope.custody set to platform': envelope(() => ({ custody: 'platform' })),
  'envelope.connectionId of another': envelope(({ foreign }) => ({
    connectionId: foreign.custody.connectionId,
  })),
  'envelope.connectionId removed': envelope(() => ({ connectionId: null })),
  'envelope.wrapped altered': envelope((_, row) => {
    const wrapped = Uint8Array.from(row.wrapped);
    wrapped[0] = (wrapped[0] ?? 0) ^ 1;
    return { wrapped };
  }),
  'envelope.wrapped altered, with its digest': envelope(() => {
    const wrapped = randomBytes(152);
    return { wrapped, wrappedSha256: sha256Hex(wrapped) };
  }),
  'envelope.wrapped empty': envelope(() => ({ wrapped: new Uint8Array() })),
  'envelope.wrapped of another organization': envelope(({ foreign }, row) => {
    const { wrapped, wrappedSha256 } = sameVersion(foreign, row);
    return { wrapped, wrappedSha256 };
  }),
  'envelope.wrapped of an older epoch': envelope(({ older }, row) => {
    const { wrapped, wrappedSha256 } = sameVersion(older, row);
    return { wrapped, wrappedSha256 };
  }),
  'envelope.wrappedSha256 altered': envelope(() => ({ wrappedSha256: ANY })),
  'envelope.keyRef of the attacker': envelope(() => ({ keyRef: OTHER_KEY })),
  'envelope.checkValue altered': envelope(() => ({ checkValue: ANY })),
  'envelope.checkValue of a key the attacker knows': envelope((_, row) => ({
    checkValue: checkValueOf(new Uint8Array(32), row.organization, row.version),
  })),
  'envelope.operationId altered': envelope(() => ({ operationId: randomUUID() as OperationId })),
  'envelope.epoch altered': envelope((_, row) => ({ epoch: (row.epoch + 1) as Epoch })),
  'envelope.statement of another organization': envelope(({ foreign }, row) => ({
    statement: statementOf(foreign, row),
  })),
  'envelope.statement of an older epoch': envelope(({ older }, row) => ({
    statement: statementOf(older, row),
  })),
  'envelope.statement of platform days': envelope(({ platform }, row) => ({
    statement: statementOf(platform, row),
  })),
  'envelope.statement self-signed': envelope(({ selfSigned }, row) => ({
    statement: statementOf(selfSigned, row),
  })),
  'envelope.statement with a broken signature': envelope((_, row) => ({
    statement: brokenSignature(row.statement),
  })),
  'envelope.statement that is the custody’s': envelope(({ rows }) => ({ statement: rows.custody.statement })),
  'whole envelope of another organization': envelope(({ foreign }, row) => sameVersion(foreign, row)),
  'whole envelope of an older epoch': envelope(({ older }, row) => sameVersion(older, row)),
  'whole envelope self-signed': envelope(({ selfSigned }, row) => sameVersion(selfSigned, row)),

  'connection removed': (loot) => {
    loot.rows.connection = null;
  },
  'connection.id altered': connection(() => ({ id: randomUUID() as ConnectionId })),
  'connection.organization of another': connection(({ foreign }) => ({ organization: foreign.id })),
  'connection.externalId of another': connection(({ foreign }) => ({
    externalId: foreign.connection?.externalId ?? '',
  })),
  'connection.input: another role': connection(({ rows }) => ({
    input: {
      ...(rows.connection?.input as object),
      credential: { kind: 'aws-role', roleArn: 'arn:aws:iam::999900001111:role/attacker' },
    } as never,
  })),
  'connection.input: another region': connection(({ rows }) => ({
    input: { ...(rows.connection?.input as object), region: 'us-east-1' } as never,
  })),
  'connection.input: another key': connection(({ rows }) => ({
    input: { ...(rows.connection?.input as object), key: OTHER_KEY } as never,
  })),
  'connection.input that is no JSON': connection(() => ({ input: { size: 1n } as never })),
  'connection.digest altered': connection(() => ({ digest: ANY })),
  'connection.pinnedKeyRef altered': connection(() => ({ pinnedKeyRef: OTHER_KEY })),
  'connection.pinnedKeyRef removed': connection(() => ({ pinnedKeyRef: null })),
  'whole connection of another organization': (loot) => {
    loot.rows.connection = loot.foreign.connection;
  },
  'whole connection self-made under the same id': (loot) => {
    const { id, connection: own } = loot.rows;
    const made = loot.selfSigned.connection;
    if (own !== null && made !== null) loot.rows.connection = { ...made, id: own.id, organization: id };
  },

  'sealed statement of another organization': ({ rows, foreign }) => {
    rows.sealed = foreign.sealed;
  },
  'sealed statement that is rubbish': ({ rows }) => {
    rows.sealed = 'rubbish';
  },
};

async function scene() {
  const world = new CipherWorld();
  const older = await organizationRows(world.signer, { versions: 2, epoch: 4 });
  const keys = [...older.keys.values()];
  const platform = await organizationRows(world.signer, {
    organization: older.id,
    custody: 'platform',
    versions: 2,
    epoch: 1,
    keys,
  });
  const rows = await world.organization({
    organization: older.id,
    versions: 2,
    epoch: 5,
    sealed: true,
    keys,
  });
  const foreign = await organizationRows(world.signer, { versions: 2, epoch: 5, sealed: true });
  const selfSigned = await organizationRows(new CustodySigner(), {
    organization: older.id,
    versions: 2,
    epoch: 9,
    keyRef: OTHER_KEY,
    keys: [new Uint8Array(32), new Uint8Array(32)],
  });
  return { world, loot: { rows, foreign, older, platform, selfSigned } satisfies Loot };
}

describe('a forged row redirects nothing', () => {
  it.each(Object.entries(FORGERIES))('%s: no provider is called', async (_, forge) => {
    const { world, loot } = await scene();
    const { id } = loot.rows;
    const cipher = world.cipher();
    const ciphertext = await cipher.encrypt(id, Buffer.from('content'), {});
    expect(world.keys.calls).toHaveLength(1);
    forge(loot);
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('STATEMENT_INVALID');
    expect(await codeOf(cipher.decrypt(id, ciphertext, {}))).toBe('STATEMENT_INVALID');
    expect(world.keys.calls).toHaveLength(1);
    expect(world.refused.map((refusal) => refusal.code)).toEqual(['STATEMENT_INVALID', 'STATEMENT_INVALID']);
    expect(world.troubles.map((trouble) => trouble.what)).toEqual(['statement', 'statement']);
  });

  it('finds old custody in a process that has just started, by the signer’s floor', async () => {
    const { world, loot } = await scene();
    world.rows.set(loot.older.id, loot.older);
    world.floors.set(loot.older.id, 5);
    expect(await codeOf(world.cipher().encrypt(loot.older.id, Buffer.from('x'), {}))).toBe(
      'STATEMENT_INVALID',
    );
    expect(world.keys.calls).toEqual([]);
  });

  it('reads the floor once for each organization, and grows past it by what it sees', async () => {
    const { world, loot } = await scene();
    const cipher = world.cipher();
    await cipher.encrypt(loot.rows.id, Buffer.from('x'), {});
    await cipher.encrypt(loot.rows.id, Buffer.from('x'), {});
    expect(world.floorReads).toBe(1);
  });

  it('finds old custody after a switch that this process has not seen, by asking for the floor again', async () => {
    const { world, loot } = await scene();
    const cipher = world.cipher();
    world.rows.set(loot.older.id, loot.older);
    expect(await codeOf(cipher.encrypt(loot.older.id, Buffer.from('x'), {}))).toBe('OK');
    // Elsewhere custody was switched; here the organization was idle, and its old rows are put back.
    world.floors.set(loot.older.id, 5);
    world.clock.pass(60_000);
    expect(await codeOf(cipher.encrypt(loot.older.id, Buffer.from('x'), {}))).toBe('STATEMENT_INVALID');
    expect(world.floorReads).toBe(2);
  });

  it('goes on with what it knows when the signer fails or hangs later, one group waiting at most', async () => {
    const { world, loot } = await scene();
    const { id } = loot.rows;
    let floor: () => Promise<Epoch> = () => Promise.resolve(5 as Epoch);
    let asked = 0;
    const cipher = world.cipher({
      epochFloor: () => {
        asked++;
        return floor();
      },
    });
    await cipher.encrypt(id, Buffer.from('x'), {});
    floor = () => Promise.reject(new Error('signer down'));
    world.clock.pass(60_000);
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('OK');
    floor = () => new Promise(() => undefined);
    world.clock.pass(60_000);
    const waiting = codeOf(cipher.encrypt(id, Buffer.from('x'), {}));
    await settled();
    world.clock.pass(250);
    expect(await waiting).toBe('OK');
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('OK');
    expect(asked).toBe(3);
    expect(world.troubles.map((trouble) => trouble.what)).toEqual(['epoch-floor', 'epoch-floor']);
    world.rows.set(id, loot.older);
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('STATEMENT_INVALID');
  });

  it('does not take a group that began before a switch for a rollback when it ends after a younger one', async () => {
    const { world, loot } = await scene();
    const cipher = world.cipher();
    world.rows.set(loot.older.id, loot.older);
    await cipher.encrypt(loot.older.id, Buffer.from('x'), {});
    // A read of the older custody that is answered only after a younger group saw the newer.
    const read = world.reader.snapshot(loot.older.id, ['current']);
    let answer = (): void => undefined;
    const { reader } = world;
    world.reader = {
      snapshot: async () => {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return read;
      },
    };
    const slow = codeOf(cipher.encrypt(loot.older.id, Buffer.from('slow'), {}));
    await new Promise<void>((resolve) => setImmediate(resolve));
    world.reader = reader;
    world.rows.set(loot.rows.id, loot.rows);
    world.clock.pass(300);
    expect(await codeOf(cipher.encrypt(loot.rows.id, Buffer.from('fast'), {}))).toBe('OK');
    answer();
    expect(await slow).toBe('OK');
    world.rows.set(loot.older.id, loot.older);
    expect(await codeOf(cipher.encrypt(loot.older.id, Buffer.from('x'), {}))).toBe('STATEMENT_INVALID');
  });

  it('does not trust a statement for its bytes being known under another kind', async () => {
    const { world, loot } = await scene();
    const cipher = world.cipher();
    await cipher.encrypt(loot.rows.id, Buffer.from('x'), {});
    loot.rows.sealed = loot.rows.custody.statement;
    expect(await codeOf(cipher.encrypt(loot.rows.id, Buffer.from('x'), {}))).toBe('STATEMENT_INVALID');
  });
});
