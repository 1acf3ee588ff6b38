import { base64Bytes } from './bytes';
import { derKind } from './der';
import { isPublicStatement } from './statements';

/** A part of a text that formless secrets aren't looked for in: from, and the first character after it. */
export type Span = readonly [from: number, to: number];

interface Kind {
  readonly hint: RegExp;
  readonly pattern: RegExp;
  readonly isOne?: (match: RegExpExecArray) => boolean;
}

/** Armour whose content is public, or encrypted to somebody; that it isn't a private key under a false name is looked at. */
const isPublicArmour = ([, body = '']: RegExpExecArray): boolean => {
  const bytes = base64Bytes(body.replace(/[^A-Za-z0-9+/]/g, ''), 64);
  const kind = derKind(bytes);
  return kind !== 'der-private-key' && kind !== 'pkcs12';
};

/** What is public by its own grammar, wherever it stands. Forms with a shape of their own are looked for in it all the same. */
const PUBLIC: readonly Kind[] = [
  {
    hint: /-BEGIN /,
    pattern:
      /-{5}BEGIN (?:[A-Z0-9]{1,12} ){0,3}(?:CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY|PUBLIC KEY BLOCK|X509 CRL|PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|PKCS7|CMS)-{5}([^-]{0,20000})-{5}END /g,
    isOne: isPublicArmour,
  },
  // The public parts of a JWK (RFC 7518 §6).
  {
    hint: /kty/,
    pattern:
      /["']{1,2}(?:x|y|n|e|kid|x5t(?:#S256)?)[\\"']{1,4}\s{0,4}:\s{0,4}[\\"']{1,4}[\w+/-]{1,800}={0,2}[\\"']/g,
  },
  // Orders, approvals, enrolments and statements.
  {
    hint: /eyJ/,
    pattern: /(?<![\w-])eyJ[\w-]{10,1000}\.[\w-]{10,20000}\.[\w-]{86}(?![\w-])/g,
    isOne: ([token]) => isPublicStatement(token),
  },
  // OpenSSH public keys, RFC 4253 §6.6.
  {
    hint: /AAAA[BCE]/,
    pattern:
      /AAAA(?:B3NzaC1yc2E|C3NzaC1lZDI1NTE5|E2VjZHNhLXNoYTI|GnNrLXNzaC1lZDI1NTE5)[A-Za-z0-9+/=]{20,2000}/g,
  },
  // C2SP signed notes: their keys, their signatures, and a checkpoint's root under its size.
  {
    hint: /\+A/,
    pattern: /(?<![^\s"'`])[a-z0-9./_-]{3,140}\+[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])/g,
  },
  { hint: /\u2014 |^- /m, pattern: /(?:^|\n|\\n)[\u2014-] [^\s+]{3,140} [A-Za-z0-9+/]{80,140}={0,2}/g },
  {
    hint: /\d(?:\n|\\n)[A-Za-z0-9+/]{43}=/,
    pattern: /(?:\n|\\n)\d{1,16}(?:\n|\\n)[A-Za-z0-9+/]{43}=(?=\n|\\n|$)/g,
  },
  // Our own tables: an approver's thumbprint with its date, what a UUID names with its digest, `sha256sum`.
  { hint: /\d{4}-\d\d-\d\dT/, pattern: /(?<![\w-])[\w-]{43} {2,4}\d{4}-\d\d-\d\dT[\d:.]{8,12}Z/g },
  { hint: /\(/, pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} \([0-9a-f]{64}\)/g },
  {
    hint: /\([0-9a-f]{64}\)/,
    pattern: /(?:^|\n)\s{0,8}order {2,12}[A-Za-z0-9][\w./-]{1,63} \([0-9a-f]{64}\)/g,
  },
  {
    hint: /[0-9a-f]{32} [ *]/i,
    pattern: /(?:^|\n)[0-9a-fA-F]{32,128} [ *][^\s]{0,100}[./][^\s]{1,100}(?=\r?\n|$)/g,
  },
  // A trace's context, W3C.
  { hint: /00-[0-9a-f]{32}-/, pattern: /(?<![0-9a-f])00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]/g },
  { hint: /mrk-/, pattern: /mrk-[0-9a-f]{32}/g },
  // Versions of what a vault holds, as its identifiers name them.
  {
    hint: /\/(?:keys|secrets|certificates)\//i,
    pattern: /\/(?:keys|secrets|certificates)\/[A-Za-z0-9-]{1,127}\/[0-9a-fA-F]{32}(?![0-9a-zA-Z])/g,
  },
  // Links as Outlook rewrites them: the part after the address is its own.
  {
    hint: /safelinks\.protection/,
    pattern:
      /(?<=safelinks\.protection\.outlook\.com\/[^\s"'<>]{0,2000})(?:&|&amp;|\u0026)data=[^\s"'<>]{20,1000}/g,
  },
  {
    hint: /data:/,
    pattern:
      /data:(?:image|font)\/[a-z0-9.+-]{1,40};base64,(?:iVBORw0KGgo|\/9j\/|R0lGOD|PHN2Zy|UklGR|AAABAA|d09GM)[A-Za-z0-9+/=]*/g,
  },
];

/** Spans of public things, in no order. */
export function publicSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const { hint, pattern, isOne } of PUBLIC) {
    if (!hint.test(text)) continue;
    for (const match of text.matchAll(pattern))
      if (isOne?.(match) ?? true) spans.push([match.index, match.index + match[0].length]);
  }
  return spans;
}

export const isWithin = (spans: readonly Span[], from: number, to: number): boolean =>
  spans.some(([first, last]) => from >= first && to <= last);

const LONGEST_URL = 2_000;
const SECRET_PARAMETER = /(?:key|secret|token|pass|pwd|code|auth|sig|credential)[\w.-]{0,20}=?$/i;

/**
 * What a random text in a web address is: its path and its parameters hold identifiers, so there only a parameter
 * whose name says secret holds one. `null`: it's in no address.
 */
export function inUrl(text: string, at: number): 'identifier' | 'secret' | null {
  const before = text.slice(Math.max(0, at - LONGEST_URL), at);
  const from = Math.max(before.lastIndexOf('http://'), before.lastIndexOf('https://'));
  if (from === -1 || /[\s"'<>`|\\^]/.test(before.slice(from))) return null;
  const rest = before.slice(from);
  const parameter = rest.slice(
    Math.max(rest.lastIndexOf('?'), rest.lastIndexOf('&'), rest.lastIndexOf('#')) + 1,
  );
  const hasParameters = rest.includes('?') || rest.includes('#');
  return hasParameters && SECRET_PARAMETER.test(parameter.split('=')[0] ?? '') ? 'secret' : 'identifier';
}
