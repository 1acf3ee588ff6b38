import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StateUnknown } from './state-unknown';

/** The steps a durable file is made of, each one that can be lost or done without an answer. */
export interface Disk {
  /** @returns `undefined` if there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Creates or overwrites a file that only its owner can read, and syncs it. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Makes the folder's list of names durable. */
  syncFolder(path: string): Promise<void>;
}

export const nodeDisk: Disk = {
  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  async write(path, bytes) {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename,
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  async syncFolder(path) {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

/**
 * Replaces a file's content: afterwards it's the new one, durably; a crash at any point leaves the old or the new.
 * @throws StateUnknown if any step fails: after a failed sync nobody knows what the disk holds.
 */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const next = `${path}.next`;
  try {
    await disk.write(next, bytes);
    await disk.rename(next, path);
    await disk.syncFolder(dirname(path));
  } catch {
    throw new StateUnknown(`writing ${path} failed`);
  }
}
