import { link, readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Archive, PublicationAway } from '../domain/ports/archive';
import { type Disk, nodeDisk } from './disk';

export interface ArchiveDisk extends Pick<Disk, 'read' | 'write' | 'makeFolder' | 'syncFolder'> {
  /** The names in a folder; none where there's no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Gives a file another name too. @returns false where something has that name */
  link(from: string, to: string): Promise<boolean>;
  unlink(path: string): Promise<void>;
}

export const archiveDisk: ArchiveDisk = {
  ...nodeDisk,
  unlink,
  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  },
  async link(from, to) {
    try {
      await link(from, to);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  },
};

interface FolderOptions {
  readonly folder: string;
  /** A fresh UUID: two that write the same at once don't write into one another's file. */
  readonly uuid: () => string;
  readonly disk?: ArchiveDisk;
}

/** Of a file that isn't whole yet, or that a crash left so. */
const UNFINISHED = '.next';

/**
 * A folder, meant to be a mount that the database's administrators can't write to. A file is written beside, synced, and
 * then given its name, unless something has that name already.
 */
export function folderArchive({ folder, uuid, disk = archiveDisk }: FolderOptions): Archive {
  const create = async (name: string, bytes: Uint8Array): Promise<'created' | 'present'> => {
    const path = join(folder, name);
    const beside = `${path}.${uuid()}${UNFINISHED}`;
    await disk.makeFolder(dirname(path));
    await disk.write(beside, bytes);
    const isMade = await disk.link(beside, path);
    await disk.unlink(beside);
    await disk.syncFolder(dirname(path));
    await disk.syncFolder(folder);
    return isMade ? 'created' : 'present';
  };
  return {
    list: (below, after = '') =>
      orAway(async () => {
        const names = await disk.list(join(folder, below));
        return names.filter((name) => name > after && !name.endsWith(UNFINISHED)).sort();
      }),
    read: (name) => orAway(() => disk.read(join(folder, name))),
    create: (name, bytes) => orAway(() => create(name, bytes)),
  };
}

/** Of Node's error, whose message names paths, the code alone is kept. */
async function orAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new PublicationAway(codeOf(error));
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'UNCLASSIFIED';
}
