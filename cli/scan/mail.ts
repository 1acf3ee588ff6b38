import PostalMime from 'postal-mime';
import type { Scanned } from './found';
import { findsIn } from './text';

/** Looks into bytes of which nobody knows yet what they are. */
export type Look = (bytes: Uint8Array, name: string, part: string, into: Scanned) => Promise<void>;

/**
 * A mail as its reader sees it: subject, names, text, HTML and what is attached, decoded. Header lines that machines
 * write (routes, signatures, message ids) are full of random texts and aren't looked at.
 */
export async function scanMail(
  bytes: Uint8Array,
  file: string,
  outer: string | null,
  into: Scanned,
  look: Look,
): Promise<void> {
  const mail = await PostalMime.parse(Uint8Array.from(bytes), { maxNestingDepth: 40 });
  const named = (name: string) => (outer === null ? name : `${outer}, ${name}`);
  const add = async (text: string | undefined, name: string) => {
    if (!text) return;
    for (const find of await findsIn([text], '')) into.found.push({ file, part: named(name), ...find });
  };
  const people = [mail.from, mail.sender, ...(mail.to ?? []), ...(mail.cc ?? []), ...(mail.replyTo ?? [])];
  await add([mail.subject ?? '', ...people.map((one) => one?.name ?? '')].join('\n'), 'headers');
  await add(mail.text, 'text');
  await add(mail.html === undefined ? undefined : shown(mail.html), 'HTML');
  for (const [at, { content, mimeType }] of mail.attachments.entries()) {
    const type = /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,80}$/i.test(mimeType) ? mimeType : 'unknown type';
    const raw = typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
    await look(raw, type === 'message/rfc822' ? '.eml' : '', named(`attachment ${at + 1} (${type})`), into);
  }
}

const BREAKS = /<(?:br|\/p|\/div|\/td|\/tr|\/li|\/pre|\/h[1-6])\b[^<>]{0,500}>/gi;
const ATTRIBUTE =
  /\s(?:href|src|value|content|alt|title|data-[a-z-]{1,30})\s{0,4}=\s{0,4}(?:"([^"<>]{16,4000})"|'([^'<>]{16,4000})')/gi;

/** HTML without its tags, and below it what its attributes say. */
function shown(html: string): string {
  const attributes = [...html.matchAll(ATTRIBUTE)].map(([, double, single]) => double ?? single ?? '');
  const text = html.replace(BREAKS, '\n').replace(/<[^<>]{0,4000}>/g, '');
  return [text, ...attributes].join('\n');
}
