import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change, ChangeOf } from '../../domain/change';
import type { Epoch, Instant, KeyRef, KeyVersion, LedgerIndex, Sha256Hex } from '../../domain/ids';
import { operationId } from '../../domain/intake/fields';
import { entryBytes } from '../../domain/ledger-entry';
import type { CustodyStatement, EnvelopeStatement } from '../../domain/statement';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys } from '../../ledger/signer-keys';
import { verifyBundle } from '../../ledger/verify/bundle';
import { parseTrust } from '../../ledger/verify/trust';
import { ACME, DEPLOYMENT, evidenceOf, filesOf, signHead, trustText } from '../harness/evidence-fixture';

/**
 * A rotation has no signature of the customer's. So an operator who holds every key of its own might call anything a
 * rotation, and sign it all again: ledger, head and statements. What gives it away is what a rotation may not move.
 */
const ROTATION = operationId.parse('7b1c5a0b-9c6b-4ad1-9d3c-5a0b1a522c11');
const FRAME = { organization: ACME, operationId: ROTATION, epoch: 4 as Epoch };
const OLD = 'arn:aws:kms:eu-central-1:111122223333:key/a' as KeyRef;
const NEW = 'arn:aws:kms:eu-central-1:111122223333:key/b' as KeyRef;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256Hex;

interface Forgery {
  readonly launch?: Partial<ChangeOf<'rotation-launched'>>;
  /** The check value of what is staged as version 2. */
  readonly checkValue?: Sha256Hex;
  /** Versions that custody names in the end. */
  readonly live?: readonly number[];
  readonly custody?: Partial<CustodyStatement>;
  readonly erased?: Partial<ChangeOf<'superseded-envelopes-erased'>>;
}

const folder = mkdtempSync(join(tmpdir(), 'smsk-rotation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let signers = 0;

/** The evidence of an organization that went live and has rotated since, but for what is forged; signed throughout. */
async function findingsOf(forgery: Forgery) {
  signers += 1;
  const keys = join(folder, String(signers));
  await createSignerKeys(keys);
  const signer = await openSigner({ folder: keys, deployment: DEPLOYMENT, mode: 'development' });
  const evidence = await evidenceOf(signer);
  const { input } = evidence;
  const live = forgery.live ?? [1, 2, 3];
  const staged = [1, 2, 3].map((version): ChangeOf<'envelope-staged'> => {
    const wrapped = Buffer.from(`rotated ${version}`);
    const checkValue = (version === 2 && forgery.checkValue) || sha256(`check ${version}`);
    return {
      type: 'envelope-staged',
      version: version as KeyVersion,
      custody: 'customer',
      connectionId: null,
      wrapped,
      wrappedSha256: sha256(wrapped.toString()),
      keyRef: NEW,
      checkValue,
      minted: version === 3,
    };
  });
  const superseded = [1, 2].map((version) => ({
    version: version as KeyVersion,
    wrappedSha256: sha256(`wrapped ${version}`),
    keyRef: OLD,
  }));
  const [v1, v2, v3] = [1, 2, 3] as KeyVersion[];
  const changes: Change[] = [
    { type: 'operation-opened', kind: 'rotate' },
    {
      ...{
        type: 'rotation-launched',
        from: OLD,
        to: NEW,
        rewrap: [v1, v2] as KeyVersion[],
        mint: v3 ?? null,
      },
      ...forgery.launch,
    },
    ...staged,
    { type: 'custody-switched', custody: 'customer', planDigest: null, currentVersion: v3 as KeyVersion },
    {
      ...{ type: 'superseded-envelopes-erased', envelopes: superseded, retired: [OLD] },
      ...{ backupsExpireAt: '2026-02-05T00:00:00.000Z' as Instant },
      ...forgery.erased,
    },
  ];
  const first = input.entries.length;
  const entries = changes.map((change, n) => {
    const at = new Date(Date.parse('2026-01-01T01:00:00.000Z') + n).toISOString() as Instant;
    const actor = { kind: 'system', name: 'smsk' } as const;
    return entryBytes({ index: (first + n) as LedgerIndex, at, actor, ...FRAME }, change);
  });
  const described = staged.map(({ type: _, wrapped: __, minted: ___, ...envelope }, n) => {
    const statement = { type: 'smsk-envelope/v1', ...FRAME, ...envelope, ledgerIndex: first + 2 + n };
    return signer.signStatement('envelope', statement as EnvelopeStatement);
  });
  const custody = {
    ...{ type: 'smsk-custody/v1', ...FRAME, custody: 'customer', currentVersion: 3 },
    ...{ connectionId: null, connectionDigest: null, keyRef: NEW },
    envelopes: Object.fromEntries(live.map((version) => [version, sha256(`rotated ${version}`)])),
    ledgerIndex: first + 5,
    ...forgery.custody,
  };
  const statements = [
    ...input.statements,
    ...(await Promise.all(described)),
    await signer.signStatement('custody', custody as unknown as CustodyStatement),
  ];
  const all = [...input.entries, ...entries];
  const resigned = { ...input, entries: all, statements, checkpoint: await signHead(signer, all) };
  const files = filesOf({ ...evidence, input: resigned });
  const { verdict, findings } = await verifyBundle(nodeSuite, files, {
    trust: parseTrust(nodeSuite, trustText(evidence)),
  });
  return {
    verdict,
    findings,
  };
}

test('a rotation that moved nothing is verified', async () => {
  expect(await findingsOf({})).toEqual({ verdict: 'verified', findings: [] });
});

const OTHER_CONNECTION = '0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c99';
const FORGERIES: readonly (readonly [string, Forgery, string])[] = [
  ['leads back to the platform', { custody: { custody: 'platform' } }, 'changed custody'],
  [
    'moves to another connection',
    { custody: { connectionId: OTHER_CONNECTION as never } },
    'changed connectionId',
  ],
  [
    'moves to another role or account',
    { custody: { connectionDigest: sha256('another role') } },
    'changed connectionDigest',
  ],
  ['is under another key than it was launched for', { launch: { to: OLD } }, 'under another key'],
  ['loses a key version', { live: [1, 3] }, 'other key versions'],
  ['puts one beside those it was to mint', { launch: { mint: null } }, 'other key versions'],
  [
    'puts another key in a version’s place',
    { checkValue: sha256('a key that others know') },
    'key version 2 is another key',
  ],
  [
    'erases what is live',
    {
      erased: { envelopes: [{ version: 1 as KeyVersion, wrappedSha256: sha256('rotated 1'), keyRef: NEW }] },
    },
    'erases a live envelope',
  ],
  ['calls the key in use safe to disable', { erased: { retired: [OLD, NEW] } }, 'retires the key in use'],
];

test.each(FORGERIES)('a rotation that %s is found, though all of it is signed', async (_, forgery, why) => {
  const { verdict, findings } = await findingsOf(forgery);
  expect(verdict).toBe('failed');
  const moved = findings.filter(({ code }) => code === 'ROTATION_MOVED');
  expect(moved).toHaveLength(1);
  expect(moved[0]?.text).toContain(why);
});

test('a rotation of what was never anybody’s is found', async () => {
  const { verdict, findings } = await findingsOf({ custody: { ledgerIndex: 5 as LedgerIndex } });
  expect(verdict).toBe('failed');
  expect(findings.filter(({ code }) => code === 'ROTATION_MOVED').map(({ text }) => text)).toContain(
    'there is no custody before the rotation',
  );
});
