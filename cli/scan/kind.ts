/** What a file is, by how it begins: what can be read here, and what can't. */
export type Kind = 'text' | 'utf-16' | 'mail' | 'image' | 'unreadable';

/** Bytes that are enough to tell. */
export const HEAD_BYTES = 8_192;

const MAGIC: readonly (readonly [begin: string, kind: Kind, what: string])[] = [
  ['fffe', 'utf-16', ''],
  ['feff', 'utf-16', ''],
  ['89504e47', 'image', 'an image'],
  ['ffd8ff', 'image', 'an image'],
  ['47494638', 'image', 'an image'],
  ['504b0304', 'unreadable', 'an archive or an Office document'],
  ['1f8b', 'unreadable', 'compressed'],
  ['377abcaf', 'unreadable', 'an archive'],
  ['25504446', 'unreadable', 'a PDF'],
  ['d0cf11e0', 'unreadable', 'an Outlook or Office file; save mail as .eml'],
];

export function kindOf(head: Uint8Array, name: string): { kind: Kind; what: string } {
  const begin = Buffer.from(head.subarray(0, 8)).toString('hex');
  const known = MAGIC.find(([magic]) => begin.startsWith(magic));
  if (known !== undefined) return { kind: known[1], what: known[2] };
  if (head.includes(0)) return { kind: 'unreadable', what: 'a binary file' };
  const text = new TextDecoder().decode(head);
  return { kind: name.toLowerCase().endsWith('.eml') || isMail(text) ? 'mail' : 'text', what: '' };
}

/** RFC 5322: header lines first, among them those that no mail lacks. */
function isMail(text: string): boolean {
  const [head = ''] = text.split(/\r?\n\r?\n/, 1);
  const startsSo = /^(?:From \S+ .{0,80}\r?\n)?[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]/.test(head);
  return startsSo && /^From:/im.test(head) && /^(?:Message-ID|MIME-Version|Received|Subject):/im.test(head);
}
