import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Epoch, KeyRef, KeyVersion, LedgerIndex, OperationId } from '../../domain/ids';
import { deploymentId, organizationId, sha256Hex } from '../../domain/intake/fields';
import type { CheckpointRequest, Signer } from '../../domain/ports/signer';
import type { CustodyStatement } from '../../domain/statement';
import { type Disk, nodeDisk } from '../../ledger/disk';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys, hasSignerKeys } from '../../ledger/signer-keys';
import { StateUnknown } from '../../ledger/state-unknown';
import { originOf } from '../../ledger/verify/checkpoint';
import { consistencyProof } from '../../ledger/verify/consistency';
import { concatHashes, leafHash, rootOfLeaves } from '../../ledger/verify/tree';

const deployment = deploymentId.parse('novantra-eu');
const organization = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
const leaves = concatHashes([...'abcdefgh'].map((letter) => leafHash(nodeSuite, Buffer.from(letter))));

function grow(from: number, size: number): CheckpointRequest {
  const part = leaves.subarray(0, size * 32);
  return {
    origin: originOf(deployment, organization),
    size,
    root: rootOfLeaves(nodeSuite, part),
    consistencyProof: consistencyProof(nodeSuite, part, from),
  };
}

const statement = (epoch: number): CustodyStatement => ({
  type: 'smsk-custody/v1',
  organization,
  custody: 'customer',
  epoch: epoch as Epoch,
  currentVersion: 2 as KeyVersion,
  connectionId: null,
  connectionDigest: null,
  keyRef: 'arn:aws:kms:eu-central-1:111122223333:key/a' as KeyRef,
  envelopes: { 2: sha256Hex.parse('ab'.repeat(32)) },
  operationId: '0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11' as OperationId,
  ledgerIndex: 4 as LedgerIndex,
});

/** Everything a signer does, in order; each step is repeated as it is after a crash. */
const STORY: ((signer: Signer) => Promise<unknown>)[] = [
  (signer) => signer.signCheckpoint(grow(0, 3)),
  (signer) => signer.signCheckpoint(grow(3, 5)),
  (signer) => signer.signStatement('custody', statement(7)),
  async (signer) => signer.raiseEpochFloor(await signer.signStatement('custody', statement(7))),
  (signer) => signer.signCheckpoint(grow(5, 8)),
  (signer) => signer.epochFloor(organization),
];

/** What can go wrong with a step: never done; half done; done, but nobody heard of it. */
type Fault = 'lost' | 'torn' | 'answer lost';

function faultyDisk(failAt: number, fault: Fault, trace: string[] = []): Disk {
  const step = async (name: string, whole: () => Promise<void>, half: () => Promise<void>) => {
    trace.push(name);
    if (trace.length - 1 !== failAt) return whole();
    if (fault === 'torn') await half();
    if (fault === 'answer lost') await whole();
    throw new Error('I/O error');
  };
  const nothing = async () => {};
  return {
    read: nodeDisk.read,
    write: (path, bytes) =>
      step(
        'write',
        () => nodeDisk.write(path, bytes),
        () => nodeDisk.write(path, bytes.subarray(0, bytes.length / 2)),
      ),
    rename: (from, to) => step('rename', () => nodeDisk.rename(from, to), nothing),
    makeFolder: (path) => step('makeFolder', () => nodeDisk.makeFolder(path), nothing),
    syncFolder: (path) => step('syncFolder', () => nodeDisk.syncFolder(path), nothing),
  };
}

const scratch = mkdtempSync(join(tmpdir(), 'smsk-signer-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const fresh = join(scratch, 'fresh');
beforeAll(() => createSignerKeys(fresh));

function copyOfFresh(name: string): string {
  const folder = join(scratch, name);
  cpSync(fresh, folder, { recursive: true });
  return folder;
}

function stateOf(folder: string): string[] {
  const state = join(folder, 'state');
  const files = readdirSync(state).filter((file) => !file.endsWith('.next'));
  return files.sort().map((file) => `${file} ${readFileSync(join(state, file), 'utf8')}`);
}

async function play(folder: string, disk: Disk): Promise<{ answers: unknown[]; crashes: number }> {
  const open = (on: Disk) => openSigner({ folder, deployment, mode: 'development', disk: on });
  let signer = await open(disk);
  let crashes = 0;
  const answers: unknown[] = [];
  for (const step of STORY) {
    try {
      answers.push(await step(signer));
    } catch (error) {
      expect(error).toBeInstanceOf(StateUnknown);
      // Whoever goes on with the stopped signer hears the same.
      await expect(step(signer)).rejects.toBeInstanceOf(StateUnknown);
      crashes += 1;
      signer = await open(nodeDisk);
      answers.push(await step(signer));
    }
  }
  return { answers, crashes };
}

test('a fault at any step, then the same request again: same answers, same state', async () => {
  const trace: string[] = [];
  const folder = copyOfFresh('undisturbed');
  const undisturbed = await play(folder, faultyDisk(-1, 'lost', trace));
  expect(undisturbed.crashes).toBe(0);
  expect(trace.length).toBe(12);
  for (let at = 0; at < trace.length; at += 1) {
    for (const fault of ['lost', 'torn', 'answer lost'] as const) {
      const disturbed = copyOfFresh(`${at}-${fault}`);
      const { answers, crashes } = await play(disturbed, faultyDisk(at, fault));
      expect({ at, fault, crashes, answers }).toEqual({
        at,
        fault,
        crashes: 1,
        answers: undisturbed.answers,
      });
      expect(stateOf(disturbed)).toEqual(stateOf(folder));
    }
  }
});

test('making the keys, interrupted at any step, can be done again; a signer in use is never made anew', async () => {
  const trace: string[] = [];
  await createSignerKeys(join(scratch, 'traced'), faultyDisk(-1, 'lost', trace));
  expect(trace.length).toBe(9);
  for (let at = 0; at < trace.length; at += 1) {
    for (const fault of ['lost', 'torn', 'answer lost'] as const) {
      const folder = join(scratch, `keys-${at}-${fault}`);
      await expect(createSignerKeys(folder, faultyDisk(at, fault))).rejects.toThrow();
      if (!(await hasSignerKeys(folder))) await createSignerKeys(folder);
      const signer = await openSigner({ folder, deployment, mode: 'production' });
      expect(await signer.signCheckpoint(grow(0, 3))).toContain('mode production\n');
    }
  }
  await expect(createSignerKeys(join(scratch, 'traced'))).rejects.toThrow('already holds a signer');
});
