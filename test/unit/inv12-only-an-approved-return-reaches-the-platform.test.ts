import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { KeyRef, OperationId, OrganizationId, Sha256Hex } from '../../domain/ids';
import { offboardedOf, type SaidOtherwise } from '../fakes/cipher/offboarding';
import type { OrganizationRows } from '../fakes/cipher/organization';
import { CipherWorld, codeOf } from '../fakes/cipher/world';

const platformKey = (organization: OrganizationId, nth: number) =>
  `arn:aws:kms:eu-central-1:999900001111:key/${organization.slice(0, 8)}-${nth}` as KeyRef;

/** What custody was, one after the other: everything that was ever truly signed for an organization. */
const ERAS = ['created', 'activated', 'offboarded', 'activated again', 'offboarded again'] as const;
type Era = (typeof ERAS)[number];
type Eras = Readonly<Record<Era, OrganizationRows>>;

async function erasOf(world: CipherWorld): Promise<Eras> {
  const organization = randomUUID() as OrganizationId;
  const key = new Uint8Array(32).fill(7);
  let sealed: string | null = null;
  let offboarded: string | null = null;
  const eras: [Era, OrganizationRows][] = [];
  for (const [at, era] of ERAS.entries()) {
    const isPlatform = at % 2 === 0;
    const [epoch, switchedAt] = [at + 1, 20 * (at + 1)];
    const operationId = randomUUID() as OperationId;
    const rows = await world.organization({
      ...{ organization, epoch, switchedAt, operationId, keys: [key], sealed: !isPlatform },
      ...(isPlatform
        ? { custody: 'platform' as const, keyRef: platformKey(organization, at) }
        : { custody: 'customer' as const }),
    });
    if (isPlatform && at > 0) {
      const planDigest = String(at).repeat(64) as Sha256Hex;
      const platformKeyRef = platformKey(organization, at);
      const facts = { organization, operationId, platformKeyRef, planDigest, epoch, ledgerIndex: switchedAt };
      offboarded = world.signer.sign('offboarded', offboardedOf(facts));
    }
    sealed = isPlatform ? sealed : rows.sealed;
    eras.push([era, { ...rows, sealed, offboarded }]);
  }
  return Object.fromEntries(eras) as unknown as Eras;
}

const at = (world: CipherWorld, rows: OrganizationRows) => {
  world.rows.set(rows.id, rows);
  return codeOf(world.cipher().encrypt(rows.id, Buffer.from('x'), {}));
};

/** Which keys of the platform's were asked for anything. */
const platformCalls = (world: CipherWorld) =>
  world.keys.calls.filter(({ connection }) => connection === null).map(({ keyRef }) => keyRef);

describe('inv12 after a seal only the return that both sides approved reaches a platform key', () => {
  it.each(ERAS)('every true custody serves: %s', async (era) => {
    const world = new CipherWorld();
    const eras = await erasOf(world);
    expect(await at(world, eras[era])).toBe('OK');
  });

  it('whatever truly signed rows somebody who owns the database puts together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ERAS),
        fc.record({
          custody: fc.constantFrom(...ERAS),
          envelopes: fc.constantFrom(...ERAS),
          connection: fc.constantFrom(...ERAS),
          sealed: fc.constantFrom(...ERAS),
          offboarded: fc.constantFrom(...ERAS),
        }),
        fc.constantFrom('floor', 'memory'),
        fc.boolean(),
        async (present, chosen, knownBy, isForeign) => {
          const world = new CipherWorld();
          const eras = await erasOf(world);
          const foreign = await erasOf(world);
          const { id } = eras.created;
          const cipher = world.cipher();
          if (knownBy === 'floor') world.floors.set(id, eras[present].custody.epoch);
          else {
            world.rows.set(id, eras[present]);
            await cipher.encrypt(id, Buffer.from('x'), {});
          }
          const before = platformCalls(world).length;
          world.rows.set(id, {
            ...eras[present],
            custody: eras[chosen.custody].custody,
            envelopes: eras[chosen.envelopes].envelopes,
            connection: eras[chosen.connection].connection,
            sealed: eras[chosen.sealed].sealed,
            offboarded: (isForeign ? foreign : eras)[chosen.offboarded].offboarded,
          });
          const code = await codeOf(cipher.encrypt(id, Buffer.from('x'), {}));
          const called = platformCalls(world).slice(before);
          // Later custody may be served though this process had not seen it; an earlier one never is.
          const isEarlier = ERAS.indexOf(chosen.custody) < ERAS.indexOf(present);
          expect(['OK', 'STATEMENT_INVALID']).toContain(code);
          if (isEarlier) expect({ code, called }).toEqual({ code: 'STATEMENT_INVALID', called: [] });
          for (const keyRef of called) expect(keyRef).toBe(platformKey(id, ERAS.indexOf(chosen.custody)));
          if (called.length > 0 && eras[chosen.sealed].sealed !== null) {
            expect(isForeign).toBe(false);
            expect(eras[chosen.offboarded].offboarded).toBe(eras[chosen.custody].offboarded);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  /** Without the signer's floor and without memory: what the statements alone hold. */
  const FORGERIES: Readonly<Record<string, (eras: Eras, foreign: Eras) => OrganizationRows>> = {
    'no offboarded statement': (eras) => ({ ...eras.offboarded, offboarded: null }),
    'an offboarded statement of another organization': (eras, foreign) => ({
      ...eras.offboarded,
      offboarded: foreign.offboarded.offboarded,
    }),
    'an offboarded statement and its custody, replayed after another activation': (eras) => ({
      ...eras.offboarded,
      sealed: eras['activated again'].sealed,
    }),
    'a former offboarded statement beside a later custody': (eras) => ({
      ...eras['offboarded again'],
      offboarded: eras.offboarded.offboarded,
    }),
    'the envelopes and the custody of the first platform days': (eras) => ({
      ...eras.created,
      sealed: eras.offboarded.sealed,
      offboarded: eras.offboarded.offboarded,
    }),
    'the envelopes of the first platform days': (eras) => ({
      ...eras.offboarded,
      envelopes: eras.created.envelopes,
    }),
    'a custody statement in its place': (eras) => ({
      ...eras.offboarded,
      offboarded: eras.offboarded.custody.statement,
    }),
    'a sealed statement in its place': (eras) => ({ ...eras.offboarded, offboarded: eras.offboarded.sealed }),
  };

  it.each(Object.entries(FORGERIES))('refuses %s', async (_, forge) => {
    const world = new CipherWorld();
    const [eras, foreign] = [await erasOf(world), await erasOf(world)];
    expect(await at(world, forge(eras, foreign))).toBe('STATEMENT_INVALID');
    expect(platformCalls(world)).toEqual([]);
  });

  const OTHER = 'e'.repeat(64) as Sha256Hex;
  const APPROVALS: Readonly<Record<string, SaidOtherwise>> = {
    'the customer’s over another plan': { customer: { planDigest: OTHER } },
    'the customer’s of another operation': { customer: { operationId: randomUUID() as OperationId } },
    'the customer’s of another organization': { customer: { org: randomUUID() as OrganizationId } },
    'the customer’s rejection': { customer: { decision: 'reject' } },
    'the operator’s over another plan': { operator: { payloadDigest: OTHER } },
    'the operator’s word for another action': { operator: { action: 'launchLive' } },
    'the operator’s word for who may not approve': { operator: { role: 'support' } },
  };

  it.each(Object.entries(APPROVALS))('refuses a statement that carries %s', async (_, otherwise) => {
    const world = new CipherWorld();
    const { offboarded: rows } = await erasOf(world);
    const { operationId } = rows.envelopes[0] ?? { operationId: randomUUID() as OperationId };
    const facts = {
      ...{ organization: rows.id, operationId, platformKeyRef: platformKey(rows.id, 2) },
      ...{ planDigest: '2'.repeat(64) as Sha256Hex, epoch: 3, ledgerIndex: 60 },
    };
    const sign = (said: SaidOtherwise) => world.signer.sign('offboarded', offboardedOf(facts, said));
    expect(await at(world, { ...rows, offboarded: sign({}) })).toBe('OK');
    expect(await at(world, { ...rows, offboarded: sign(otherwise) })).toBe('STATEMENT_INVALID');
  });

  it.each([
    ['another key', { platformKeyRef: 'another' as KeyRef }],
    ['another entry', { ledgerIndex: 61 }],
    ['another epoch', { epoch: 4 }],
    ['another operation', { operationId: randomUUID() as OperationId }],
  ])('refuses a statement for %s than custody names', async (_, other) => {
    const world = new CipherWorld();
    const { offboarded: rows } = await erasOf(world);
    const { operationId } = rows.envelopes[0] ?? { operationId: randomUUID() as OperationId };
    const facts = {
      ...{ organization: rows.id, operationId, platformKeyRef: platformKey(rows.id, 2) },
      ...{ planDigest: '2'.repeat(64) as Sha256Hex, epoch: 3, ledgerIndex: 60, ...other },
    };
    const offboarded = world.signer.sign('offboarded', offboardedOf(facts));
    expect(await at(world, { ...rows, offboarded })).toBe('STATEMENT_INVALID');
    expect(platformCalls(world)).toEqual([]);
  });
});
