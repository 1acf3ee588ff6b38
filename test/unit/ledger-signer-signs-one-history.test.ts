import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Epoch, KeyRef, KeyVersion, LedgerIndex, OperationId, OrganizationId } from '../../domain/ids';
import { deploymentId, organizationId, sha256Hex } from '../../domain/intake/fields';
import { type CheckpointRequest, HEADS_AT_ONCE, type Signer } from '../../domain/ports/signer';
import type { CustodyStatement, EnvelopeStatement } from '../../domain/statement';
import { relationOf } from '../../ledger/head-relation';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { signerClient } from '../../ledger/signer-client';
import { openSignerDoor, type SignerDoor } from '../../ledger/signer-door';
import { SignerUnavailable } from '../../ledger/signer-errors';
import { createSignerKeys } from '../../ledger/signer-keys';
import { StateUnknown } from '../../ledger/state-unknown';
import { originOf, verifyCheckpoint } from '../../ledger/verify/checkpoint';
import { consistencyProof } from '../../ledger/verify/consistency';
import { isSignedBy, parseJws } from '../../ledger/verify/jws';
import { concatHashes, leafHash, rootOfLeaves } from '../../ledger/verify/tree';
import { parseVkey } from '../../ledger/verify/vkey';

const deployment = deploymentId.parse('novantra-eu');
const acme = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
const globex = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c12');
const leavesOf = (text: string) =>
  concatHashes([...text].map((letter) => leafHash(nodeSuite, Buffer.from(letter))));

function grow(text: string, from: number, organization: OrganizationId = acme): CheckpointRequest {
  const leaves = leavesOf(text);
  return {
    origin: originOf(deployment, organization),
    size: text.length,
    root: rootOfLeaves(nodeSuite, leaves),
    consistencyProof: consistencyProof(nodeSuite, leaves, from),
  };
}

const hex = sha256Hex.parse('ab'.repeat(32));
const keyRef = 'arn:aws:kms:eu-central-1:111122223333:key/a' as KeyRef;
const operationId = '0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11' as OperationId;
const custody = (epoch: number): CustodyStatement => ({
  type: 'smsk-custody/v1',
  organization: acme,
  custody: 'customer',
  epoch: epoch as Epoch,
  currentVersion: 2 as KeyVersion,
  connectionId: null,
  connectionDigest: null,
  keyRef,
  envelopes: { 2: hex },
  operationId,
  ledgerIndex: 4 as LedgerIndex,
});
const envelope = (epoch: number): EnvelopeStatement => ({
  type: 'smsk-envelope/v1',
  organization: acme,
  version: 2 as KeyVersion,
  custody: 'customer',
  connectionId: null,
  wrappedSha256: hex,
  checkValue: hex,
  keyRef,
  operationId,
  epoch: epoch as Epoch,
  ledgerIndex: 3 as LedgerIndex,
});

const scratch = mkdtempSync(join(tmpdir(), 'smsk-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const token = 'signer-token-of-at-least-32-characters';
const quiet = { info: () => {} };
let counter = 0;

interface Opened {
  signer: Signer;
  folder: string;
  close(): Promise<void>;
}

async function newFolder(): Promise<string> {
  counter += 1;
  const folder = join(scratch, `${counter}`);
  await createSignerKeys(folder);
  return folder;
}

const WAYS: Record<string, () => Promise<Opened>> = {
  async 'in process'() {
    const folder = await newFolder();
    return {
      folder,
      signer: await openSigner({ folder, deployment, mode: 'production' }),
      close: async () => {},
    };
  },
  async 'behind its door'() {
    const folder = await newFolder();
    const signer = await openSigner({ folder, deployment, mode: 'production' });
    const socketPath = join(folder, 's');
    const door = await openSignerDoor({ signer, socketPath, token, log: quiet });
    return { folder, signer: signerClient({ socketPath, token }), close: () => door.close() };
  },
};

describe.each(Object.entries(WAYS))('a signer %s', (_, open) => {
  let opened: Opened;
  let signer: Signer;
  beforeEach(async () => {
    opened = await open();
    signer = opened.signer;
  });
  afterEach(() => opened.close());

  test('signs heads that grow out of one another, the same head to the same note', async () => {
    const { checkpointVkey } = await signer.keys();
    const key = parseVkey(nodeSuite, checkpointVkey);
    if (key === undefined) throw new Error('not a vkey');
    const first = await signer.signCheckpoint(grow('abc', 0));
    const second = await signer.signCheckpoint(grow('abcdefg', 3));
    expect(await signer.signCheckpoint(grow('abcdefg', 3))).toBe(second);
    expect(await signer.signCheckpoint(grow('abcdefg', 5))).toBe(second);
    for (const [note, size] of [
      [first, 3],
      [second, 7],
    ] as const) {
      const { checkpoint } = await verifyCheckpoint(nodeSuite, note, [key]);
      expect(checkpoint).toMatchObject({ size, origin: originOf(deployment, acme), mode: 'production' });
    }
    expect(await signer.lastHead(originOf(deployment, acme))).toMatchObject({ size: 7 });
  });

  test('refuses a rollback, a fork and a proof from elsewhere; its head stays', async () => {
    await signer.signCheckpoint(grow('abcde', 0));
    const refused = (request: CheckpointRequest, code: string) =>
      expect(signer.signCheckpoint(request)).rejects.toMatchObject({ name: 'SignerRefused', code });
    await refused(grow('abc', 0), 'ROLLBACK');
    await refused(grow('', 0), 'ROLLBACK');
    await refused(grow('abcdX', 5), 'NOT_CONSISTENT');
    await refused(grow('abcdXfg', 5), 'NOT_CONSISTENT');
    await refused(grow('abcdefg', 4), 'NOT_CONSISTENT');
    await refused({ ...grow('abcdefg', 5), consistencyProof: [] }, 'NOT_CONSISTENT');
    expect(await signer.lastHead(originOf(deployment, acme))).toEqual({
      size: 5,
      root: grow('abcde', 0).root,
    });
  });

  test('keeps one head per organization and none of another deployment', async () => {
    await signer.signCheckpoint(grow('abcde', 0));
    await signer.signCheckpoint(grow('xy', 0, globex));
    expect(await signer.lastHead(originOf(deployment, globex))).toMatchObject({ size: 2 });
    for (const origin of [
      `novantra/${acme}`,
      'novantra-eu/../keys',
      'novantra-eu/',
      acme,
      `x/${deployment}/${acme}`,
    ]) {
      await expect(signer.lastHead(origin)).rejects.toMatchObject({ code: 'WRONG_ORIGIN' });
      // One that isn't ours is no "nothing signed": the rest of the page isn't answered either.
      const page = [originOf(deployment, acme), origin];
      await expect(signer.lastHeads(page)).rejects.toMatchObject({ code: 'WRONG_ORIGIN' });
    }
  });

  test('answers many heads at once as it answers each: also that it has signed nothing', async () => {
    await signer.signCheckpoint(grow('abcde', 0));
    const origins = [acme, globex].map((organization) => originOf(deployment, organization));
    const heads = await signer.lastHeads(origins);
    expect([...heads.keys()]).toEqual(origins);
    for (const origin of origins) expect(heads.get(origin)).toEqual(await signer.lastHead(origin));
    expect([...heads.values()]).toEqual([{ size: 5, root: grow('abcde', 0).root }, null]);
    expect(await signer.lastHeads([])).toEqual(new Map());
    writeFileSync(join(opened.folder, 'state', `${globex}.json`), '{}');
    await expect(signer.lastHeads(origins)).rejects.toBeInstanceOf(StateUnknown);
  });

  test('among concurrent heads that contradict one another, one wins', async () => {
    const outcomes = await Promise.allSettled(
      [...'fghijk'].map((end) => signer.signCheckpoint(grow(`abcd${end}`, 0))),
    );
    expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(1);
  });

  test('signs statements by the custody key, typ and kid given, deterministically', async () => {
    const { custodyJwk } = await signer.keys();
    const jws = await signer.signStatement('envelope', envelope(3));
    expect(await signer.signStatement('envelope', envelope(3))).toBe(jws);
    const parsed = parseJws(jws);
    expect(parsed).toMatchObject({ typ: 'smsk-envelope+jws', kid: custodyJwk.kid, payload: envelope(3) });
    expect(parsed && (await isSignedBy(nodeSuite, parsed, [custodyJwk]))).toBe(true);
  });

  test('refuses what is no statement of the kind', async () => {
    const more = { ...envelope(3), more: 1 };
    for (const wrong of [custody(3), more]) {
      await expect(signer.signStatement('envelope', wrong)).rejects.toMatchObject({
        code: 'WRONG_STATEMENT',
      });
    }
  });

  test('signs nothing of an epoch below the floor, which only a committed custody statement raises', async () => {
    const committed = await signer.signStatement('custody', custody(5));
    await signer.signStatement('envelope', envelope(6));
    expect(await signer.epochFloor(acme)).toBe(0);
    await signer.raiseEpochFloor(committed);
    await signer.raiseEpochFloor(committed);
    expect(await signer.epochFloor(acme)).toBe(5);
    expect(await signer.epochFloor(globex)).toBe(0);
    const below = { code: 'EPOCH_BELOW_FLOOR' };
    await expect(signer.signStatement('custody', custody(4))).rejects.toMatchObject(below);
    await expect(signer.signStatement('envelope', envelope(4))).rejects.toMatchObject(below);
    expect(await signer.signStatement('custody', custody(5))).toBe(committed);
  });

  test('raises no floor by what it did not sign as custody', async () => {
    const jws = await signer.signStatement('envelope', envelope(5));
    const forged = `${jws.slice(0, -4)}AAAA`;
    for (const wrong of [jws, forged, 'x.y.z', '']) {
      await expect(signer.raiseEpochFloor(wrong)).rejects.toMatchObject({ code: 'NOT_OURS' });
    }
  });

  test('remembers across a restart, and stops when its memory is damaged', async () => {
    await signer.signCheckpoint(grow('abcde', 0));
    const again = await openSigner({ folder: opened.folder, deployment, mode: 'production' });
    await expect(again.signCheckpoint(grow('abc', 0))).rejects.toMatchObject({ code: 'ROLLBACK' });
    writeFileSync(join(opened.folder, 'state', `${acme}.json`), '{"epochFloor":0,"head":');
    await expect(signer.signCheckpoint(grow('abcdef', 5))).rejects.toBeInstanceOf(StateUnknown);
  });
});

test('keys that others may read, and folders without a signer, are refused', async () => {
  const folder = await newFolder();
  chmodSync(join(folder, 'custody.pem'), 0o644);
  await expect(openSigner({ folder, deployment, mode: 'production' })).rejects.toThrow('0600');
  const nothing = join(scratch, 'nothing');
  await expect(openSigner({ folder: nothing, deployment, mode: 'production' })).rejects.toThrow('no signer');
});

describe('the door', () => {
  let door: SignerDoor;
  let socketPath: string;
  let slow: { release(): void; reached: Promise<void> };
  beforeEach(async () => {
    const folder = await newFolder();
    const real = await openSigner({ folder, deployment, mode: 'production' });
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived = () => {};
    const reached = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    slow = { release, reached };
    const signer: Signer = {
      signCheckpoint: (request) => real.signCheckpoint(request),
      lastHead: (origin) => real.lastHead(origin),
      lastHeads: (origins) => real.lastHeads(origins),
      signStatement: (kind, statement) => real.signStatement(kind, statement),
      raiseEpochFloor: (statement) => real.raiseEpochFloor(statement),
      keys: () => real.keys(),
      async epochFloor(organization) {
        arrived();
        await gate;
        return real.epochFloor(organization);
      },
    };
    socketPath = join(folder, 's');
    door = await openSignerDoor({ signer, socketPath, token, log: quiet });
  });
  afterEach(async () => {
    slow.release();
    await door.close();
  });

  test('a wrong token, and a signer that is not there', async () => {
    const wrong = signerClient({ socketPath, token: `${token}x` });
    await expect(wrong.keys()).rejects.toThrow('401');
    const nobody = signerClient({ socketPath: `${socketPath}x`, token });
    await expect(nobody.keys()).rejects.toBeInstanceOf(SignerUnavailable);
  });

  test('a reader’s token asks for everything but what moves custody', async () => {
    const folder = await newFolder();
    const apart = join(folder, 'r');
    const readerToken = 'reader'.repeat(8);
    const signer = await openSigner({ folder, deployment, mode: 'production' });
    const both = await openSignerDoor({ signer, socketPath: apart, token, readerToken, log: quiet });
    const reader = signerClient({ socketPath: apart, token: readerToken });
    await expect(reader.keys()).resolves.toBeDefined();
    await expect(reader.epochFloor(acme)).resolves.toBe(0);
    const origin = originOf(deployment, acme);
    await expect(reader.lastHeads([origin])).resolves.toEqual(new Map([[origin, null]]));
    await expect(reader.signStatement('custody', {} as never)).rejects.toThrow('401');
    await expect(reader.raiseEpochFloor('a.b.c')).rejects.toThrow('401');
    await both.close();
    const same = { signer, socketPath: apart, token, readerToken: token, log: quiet };
    await expect(openSignerDoor(same)).rejects.toThrow('another one');
  });

  test('a signer that hangs: the deadline ends the call', async () => {
    const client = signerClient({ socketPath, token, deadlineMs: 50 });
    await expect(client.epochFloor(acme)).rejects.toBeInstanceOf(SignerUnavailable);
  });

  test('closing lets what is under way finish', async () => {
    const answer = signerClient({ socketPath, token }).epochFloor(acme);
    await slow.reached;
    const closed = door.close();
    slow.release();
    expect(await answer).toBe(0);
    await closed;
    door = { close: async () => {} };
  });

  test('the socket is the lock: a second door is refused', async () => {
    const second = openSignerDoor({
      signer: signerClient({ socketPath, token }),
      socketPath,
      token,
      log: quiet,
    });
    await expect(second).rejects.toThrow('already listens');
  });

  test('malformed requests get 400, unknown ones 404, huge ones an end', async () => {
    const client = signerClient({ socketPath, token });
    const request = { ...grow('abc', 0), root: new Uint8Array(31) };
    await expect(client.signCheckpoint(request)).rejects.toThrow('400');
    const many = Array.from({ length: HEADS_AT_ONCE + 1 }, (_, i) => originOf(deployment, `${i}`));
    await expect(client.lastHeads(many)).rejects.toThrow('400');
    await expect(client.raiseEpochFloor('x'.repeat(2_000_000))).rejects.toBeInstanceOf(SignerUnavailable);
  });
});

describe("the database's head beside the signer's", () => {
  const head = (text: string) => ({ size: text.length, root: rootOfLeaves(nodeSuite, leavesOf(text)) });
  const proof = (text: string, from: number) => consistencyProof(nodeSuite, leavesOf(text), from);
  test.each([
    ['nothing yet', '', null, [], 'same'],
    ['never signed', 'abc', null, [], 'ahead'],
    ['all signed', 'abc', 'abc', [], 'same'],
    ['some to sign', 'abcde', 'abc', proof('abcde', 3), 'ahead'],
    ['restored backup', 'abc', 'abcde', [], 'behind'],
    ['same size, another past', 'abX', 'abc', [], 'forked'],
    ['longer, another past', 'abXde', 'abc', proof('abXde', 3), 'forked'],
  ] as const)('%s', (_, database, signer, path, relation) => {
    expect(relationOf(head(database), signer === null ? null : head(signer), path)).toBe(relation);
  });
});
