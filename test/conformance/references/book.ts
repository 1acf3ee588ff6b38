import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UsableReference } from '../../../domain/credential-reference';
import type { Instant, LedgerIndex, OrganizationId } from '../../../domain/ids';
import type { CredentialReferences } from '../../../domain/ports/credential-references';

const YEAR_MS = 365 * 86_400_000;
export const instantAfter = (ms: number): Instant => new Date(Date.now() + ms).toISOString() as Instant;

export type Stated = Pick<
  UsableReference,
  'organization' | 'name' | 'provider' | 'key' | 'locator' | 'identity'
>;

/** Entries as two people vouched for them, and how often somebody asked. */
export class Book implements CredentialReferences {
  readonly #entries = new Map<string, UsableReference>();
  #next = 7;
  asked = 0;

  async find(organization: OrganizationId, name: string): Promise<UsableReference | null> {
    this.asked += 1;
    return this.#entries.get(`${organization} ${name}`) ?? null;
  }

  register(stated: Stated, notAfter = instantAfter(YEAR_MS)): UsableReference {
    const entry = { ...stated, notAfter, registration: this.#next as LedgerIndex };
    this.#next += 2;
    this.#entries.set(`${stated.organization} ${stated.name}`, entry);
    return entry;
  }

  withdraw({ organization, name }: Pick<UsableReference, 'organization' | 'name'>): void {
    this.#entries.delete(`${organization} ${name}`);
  }
}

/** A folder of its own for mounted credentials; `remove()` it. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'smsk-credentials-'));

  write(name: string, text: string, mode = 0o600): void {
    writeFileSync(join(this.path, name), text);
    chmodSync(join(this.path, name), mode);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
