import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArchiveDisk, archiveDisk, folderArchive } from '../../../ledger/folder-archive';
import { archiveContract, type Place } from './contract';

const STEPS = ['makeFolder', 'write', 'link', 'unlink', 'syncFolder', 'syncFolder'] as const;
/** What can go wrong with a step: never done; half done; done, but nobody heard of it. */
const FAULTS = ['lost', 'torn', 'answer lost'] as const;
type Fault = (typeof FAULTS)[number];

/** A disk whose next file meets what is armed. */
function faultyDisk() {
  let armed: { readonly at: number; readonly fault: Fault } | undefined;
  let isShut = false;
  const trace: string[] = [];
  const step = async <T>(
    name: string,
    whole: () => Promise<T>,
    half?: () => Promise<unknown>,
  ): Promise<T> => {
    trace.push(name);
    if (isShut) throw Object.assign(new Error('/mnt/published: permission denied'), { code: 'EACCES' });
    if (armed === undefined || trace.length - 1 !== armed.at) return whole();
    const { fault } = armed;
    armed = undefined;
    if (fault === 'torn') await half?.();
    if (fault === 'answer lost') await whole();
    throw Object.assign(new Error('/mnt/published: i/o error'), { code: 'EIO' });
  };
  const { list, read, write, link, unlink, makeFolder, syncFolder } = archiveDisk;
  const disk: ArchiveDisk = {
    list: (folder) => (isShut ? step('list', () => list(folder)) : list(folder)),
    read: (path) => (isShut ? step('read', () => read(path)) : read(path)),
    write: (path, bytes) =>
      step(
        'write',
        () => write(path, bytes),
        () => write(path, bytes.subarray(0, bytes.length / 2)),
      ),
    link: (from, to) => step('link', () => link(from, to)),
    unlink: (path) => step('unlink', () => unlink(path)),
    makeFolder: (path) => step('makeFolder', () => makeFolder(path)),
    syncFolder: (path) => step('syncFolder', () => syncFolder(path)),
  };
  return {
    disk,
    trace,
    arm: (at: number, fault: Fault) => {
      trace.length = 0;
      armed = { at, fault };
    },
    shut: (is: boolean) => {
      isShut = is;
    },
  };
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<Place & { readonly trace: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-published-'));
  folders.push(folder);
  const { disk, trace, arm, shut } = faultyDisk();
  return {
    trace,
    archive: folderArchive({ folder, uuid: randomUUID, disk }),
    another: () => folderArchive({ folder, uuid: randomUUID }),
    everything: async () =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [entry.name] : [],
      ),
    deny: async () => {
      shut(true);
      return async () => shut(false);
    },
    denied: 'EACCES',
    crashes: STEPS.flatMap((step, at) =>
      FAULTS.map((fault) => ({
        name: `${step} ${fault}`,
        arm: () => arm(at, fault),
        leaves: at > 2 || (at === 2 && fault === 'answer lost') ? ('whole' as const) : ('nothing' as const),
        isMended: false,
      })),
    ),
  };
}

describe('a folder keeps what is published', () => {
  archiveContract(open);

  test('inv09: the steps that a file is made in, each of which the contract has go wrong', async () => {
    const { archive, trace } = await open();
    await archive.create('a/one', new TextEncoder().encode('one'));
    expect(trace).toEqual(STEPS);
  });
});
