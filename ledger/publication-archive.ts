import { canonicalJson, type JsonObject } from '../domain/canonical';
import { sha256OfText } from '../domain/digest';
import type { OrganizationId } from '../domain/ids';
import { organizationId } from '../domain/intake/fields';
import type { Archive } from '../domain/ports/archive';
import { type Publication, PublicationUnusable, type PublishedPart } from '../domain/ports/publication';
import { formatPart, parsePart } from './publication-text';
import { fromUtf8, sameBytes, toUtf8 } from './verify/encoding';

const PART = /^\d{12}\.jsonl$/;
const nameOf = (size: number): string => `${String(size).padStart(12, '0')}.jsonl`;

/** Publishes into an archive: `ID/SIZE.jsonl` for each part, `ID/incident-DIGEST.json` for what an audit found. */
export function publicationIn(archive: Archive): Publication {
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
    if (part.organization !== organization || nameOf(part.size) !== name)
      throw new PublicationUnusable('a published part is another’s');
    return part;
  };

  return {
    async organizations() {
      const found = await archive.list('');
      return found.flatMap((name) => organizationId.safeParse(name).data ?? []).sort();
    },
    async latest(organization) {
      const known = seen.get(organization);
      const name = (await names(organization, known)).at(-1) ?? known;
      if (name === undefined) return null;
      const part = await read(organization, name);
      remember(organization, name);
      return part;
    },
    async publish(part) {
      const name = nameOf(part.size);
      const text = formatPart(part);
      const outcome = await archive.create(`${part.organization}/${name}`, toUtf8(text));
      remember(part.organization, name);
      if (outcome === 'created') return;
      // Another process was first, perhaps from an earlier entry on; but there is one history up to that size.
      const present = await read(part.organization, name);
      if (!sameBytes(present.frontier, part.frontier))
        throw new PublicationUnusable('another part of that size is published');
    },
    async *parts(organization) {
      let reached = 0;
      for (const name of await names(organization)) {
        const part = await read(organization, name);
        if (part.from > reached) throw new PublicationUnusable('a published part is gone');
        reached = part.size;
        yield part;
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
