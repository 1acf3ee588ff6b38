import { canonicalJson, type JsonObject } from '../domain/canonical';
import { sha256OfText } from '../domain/digest';
import type { OrganizationId } from '../domain/ids';
import { organizationId } from '../domain/intake/fields';
import type { Archive } from '../domain/ports/archive';
import { type Publication, PublicationUnusable, type PublishedPart } from '../domain/ports/publication';
import { BOOK, bookName, bound, charactersOf, partName, type Shelved, unbroken } from './publication-books';
import { formatPart, parsePart } from './publication-text';
import { fromUtf8, sameBytes, toUtf8 } from './verify/encoding';

const PART = /^\d{12}\.jsonl$/;

const shelf = (book: string): string => `books/${book}`;

/**
 * Publishes into an archive: `ID/SIZE.jsonl` for each part, `ID/books/FROM-SIZE.jsonl` for what parts were bound into,
 * `ID/incident-DIGEST.json` for what an audit found.
 */
export function publicationIn(archive: Archive, full = BOOK): Publication {
  /** The part that goes furthest of those that this process has seen: what goes further is listed after it. */
  const seen = new Map<OrganizationId, string>();
  const remember = (organization: OrganizationId, name: string): void => {
    if (name > (seen.get(organization) ?? '')) seen.set(organization, name);
  };

  const names = async (organization: OrganizationId, after?: string): Promise<readonly string[]> =>
    (await archive.list(organization, after)).filter((name) => PART.test(name));

  const read = async (organization: OrganizationId, name: string): Promise<PublishedPart> => {
    const bytes = await archive.read(`${organization}/${name}`);
    if (bytes === undefined) throw new PublicationUnusable('a published part is gone');
    const part = parsePart(fromUtf8(bytes) ?? '');
    if (part.organization !== organization || ![partName(part.size), shelf(bookName(part))].includes(name))
      throw new PublicationUnusable('a published part is another’s');
    return part;
  };

  const books = async (organization: OrganizationId): Promise<readonly Shelved[]> =>
    unbroken(await archive.list(`${organization}/books`));

  /** @throws PublicationUnusable where it isn't of the same history: what another process made first stays */
  const keep = async (name: string, part: PublishedPart): Promise<void> => {
    const path = `${part.organization}/${name}`;
    if ((await archive.create(path, toUtf8(formatPart(part)))) === 'created') return;
    const present = await read(part.organization, name);
    if (!sameBytes(present.frontier, part.frontier))
      throw new PublicationUnusable('another part of that size is published');
  };

  /** Loose parts that go further than `reached`. */
  async function* loose(organization: OrganizationId, reached: number): AsyncGenerator<PublishedPart> {
    let end = reached;
    for (const name of await names(organization, partName(reached))) {
      const part = await read(organization, name);
      if (part.from > end) throw new PublicationUnusable('a published part is gone');
      end = part.size;
      yield part;
    }
  }

  const lastBound = async (organization: OrganizationId): Promise<string | undefined> => {
    const last = (await books(organization)).at(-1);
    return last === undefined ? undefined : partName(last.size);
  };

  return {
    async organizations() {
      const found = await archive.list('');
      return found.flatMap((name) => organizationId.safeParse(name).data ?? []).sort();
    },
    async latest(organization) {
      const known = seen.get(organization) ?? (await lastBound(organization));
      const name = (await names(organization, known)).at(-1) ?? known;
      if (name === undefined) return null;
      const part = await read(organization, name);
      remember(organization, name);
      return part;
    },
    async publish(part) {
      const name = partName(part.size);
      await keep(name, part);
      remember(part.organization, name);
    },
    async *parts(organization) {
      const shelved = await books(organization);
      for (const { name } of shelved) yield await read(organization, shelf(name));
      yield* loose(organization, shelved.at(-1)?.size ?? 0);
    },
    async bind(organization) {
      let from = (await books(organization)).at(-1)?.size ?? 0;
      const last = (await names(organization, partName(from))).at(-1);
      if (last === undefined || Number.parseInt(last, 10) < from + full.entries) return;
      let open: PublishedPart[] = [];
      let characters = 0;
      for await (const part of loose(organization, from)) {
        characters += charactersOf(part);
        if (part.size < from + full.entries && characters < full.characters) {
          open.push(part);
          continue;
        }
        const book = bound(from, open, part);
        await keep(shelf(bookName(book)), book);
        from = part.size;
        open = [];
        characters = 0;
      }
    },
    async report(organization, findings) {
      const text = canonicalJson({
        type: 'smsk-audit-incident/v1',
        organization,
        findings: findings.map((finding): JsonObject => ({ ...finding })),
      });
      const name = `incident-${sha256OfText(text).slice(0, 16)}.json`;
      await archive.create(`${organization}/${name}`, toUtf8(`${text}\n`));
    },
  };
}
