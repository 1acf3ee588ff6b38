import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ProviderFailure } from '../../../domain/failure';
import { CREDENTIAL_MOST, type Place } from './place';

/** A pipe would keep us waiting, and what `realpath` found is no link any more. */
const PLAINLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Files of one folder, read anew each time. A name may lead through links, as Kubernetes mounts secrets, but not out
 * of the folder; and nobody but its owner may read the file.
 */
export const mountedFiles = (folder: string): Place => ({
  operation: 'read-file',
  read: async (name) => {
    const root = await realpath(folder);
    const path = await realpath(join(root, name));
    if (!path.startsWith(`${root}${sep}`)) throw new Error('a credential’s file leads out of its folder');
    return { bytes: await contentOf(path), notAfterMs: null, requestId: null };
  },
  classify: () => new ProviderFailure('CREDENTIAL_UNAVAILABLE'),
});

async function contentOf(path: string): Promise<Uint8Array> {
  const file = await open(path, PLAINLY);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || (stat.mode & 0o077) !== 0 || stat.size > CREDENTIAL_MOST)
      throw new Error('a credential’s file must be small, and readable by its owner only (chmod 600)');
    const bytes = new Uint8Array(stat.size);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead === bytes.length) return bytes;
    bytes.fill(0);
    throw new Error('a credential’s file was cut short while it was read');
  } finally {
    await file.close();
  }
}
