import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganizationId } from '../../../domain/ids';
import type { Disk } from '../../../ledger/disk';
import { KEY_FILES } from '../../../ledger/signer-keys';

/** A signer's folder in memory, with the keys that were made on disk: what it remembers can be put back. */
export class MemoryDisk implements Disk {
  readonly #files = new Map<string, Uint8Array>();

  constructor(folder: string) {
    for (const file of Object.values(KEY_FILES)) {
      const path = join(folder, file);
      this.#files.set(path, new Uint8Array(readFileSync(path)));
    }
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.#files.get(path);
  }
  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(path, bytes);
  }
  async rename(from: string, to: string): Promise<void> {
    const bytes = this.#files.get(from);
    if (bytes === undefined) throw new Error(`${from}: no such file`);
    this.#files.delete(from);
    this.#files.set(to, bytes);
  }
  async makeFolder(): Promise<void> {}
  async syncFolder(): Promise<void> {}

  /** @returns what puts back all that is remembered of one organization, as it is now */
  kept(organization: OrganizationId): () => void {
    const isOf = (path: string) => path.includes(organization);
    const files = [...this.#files].filter(([path]) => isOf(path));
    return () => {
      for (const path of this.#files.keys()) if (isOf(path)) this.#files.delete(path);
      for (const [path, bytes] of files) this.#files.set(path, bytes);
    };
  }
}
