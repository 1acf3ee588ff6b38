import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson, type JsonObject } from '../domain/canonical';
import { sha256OfText } from '../domain/digest';
import type { OrganizationId } from '../domain/ids';
import { organizationId } from '../domain/intake/fields';
import { type Publication, PublicationUnusable, type PublishedPart } from '../domain/ports/publication';
import { type Disk, nodeDisk } from './disk';
import { formatPart, parsePart } from './publication-text';

export interface PublicationDisk extends Disk {
  /** The names in a folder; none where there's no such folder. */
  list(folder: string): Promise<readonly string[]>;
}

export const publicationDisk: PublicationDisk = {
  ...nodeDisk,
  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  },
};

interface FolderOptions {
  readonly folder: string;
  /** A fresh UUID: two that write the same at once don't write into one another's file. */
  readonly uuid: () => string;
  readonly disk?: PublicationDisk;
}

const PART = /^\d{12}\.jsonl$/;
const nameOf = (size: number): string => `${String(size).padStart(12, '0')}.jsonl`;

/**
 * Publishes into a folder, meant to be a mount that the database's administrators can't write to: `ID/SIZE.jsonl` for
 * each part, `ID/incident-DIGEST.json` for what an audit found. A file comes to be whole or not at all, is synced, and is
 * never written again.
 */
export function publicationFolder({ folder, uuid, disk = publicationDisk }: FolderOptions): Publication {
  const of = (organization: OrganizationId) => join(folder, organization);

  const sizes = async (organization: OrganizationId): Promise<readonly string[]> =>
    (await disk.list(of(organization))).filter((name) => PART.test(name)).sort();

  const read = async (organization: OrganizationId, name: string): Promise<PublishedPart> => {
    const bytes = await disk.read(join(of(organization), name));
    if (bytes === undefined) throw new PublicationUnusable('a published part is gone');
    const part = parsePart(new TextDecoder().decode(bytes));
    if (part.organization !== organization || nameOf(part.size) !== name)
      throw new PublicationUnusable('a published part is another’s');
    return part;
  };

  const keep = async (path: string, text: string): Promise<void> => {
    if ((await disk.read(path)) !== undefined) return;
    const next = `${path}.${uuid()}.next`;
    await disk.makeFolder(dirname(path));
    await disk.write(next, new TextEncoder().encode(text));
    await disk.rename(next, path);
    await disk.syncFolder(dirname(path));
    await disk.syncFolder(folder);
  };

  return {
    async organizations() {
      const names = await disk.list(folder);
      return names.flatMap((name) => organizationId.safeParse(name).data ?? []).sort();
    },
    async latest(organization) {
      const name = (await sizes(organization)).at(-1);
      return name === undefined ? null : read(organization, name);
    },
    publish: (part) => keep(join(of(part.organization), nameOf(part.size)), formatPart(part)),
    async *parts(organization) {
      let reached = 0;
      for (const name of await sizes(organization)) {
        const part = await read(organization, name);
        if (part.from > reached) throw new PublicationUnusable('a published part is gone');
        reached = part.size;
        yield part;
      }
    },
    report(organization, findings) {
      const text = canonicalJson({
        type: 'smsk-audit-incident/v1',
        organization,
        findings: findings.map((finding): JsonObject => ({ ...finding })),
      });
      const name = `incident-${sha256OfText(text).slice(0, 16)}.json`;
      return keep(join(of(organization), name), `${text}\n`);
    },
  };
}
