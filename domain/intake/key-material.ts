/** What a text that nobody should send looks like. None of these needs to be a real key: looking like one is enough. */
const DETECTORS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['pem', /-----BEGIN [A-Z0-9 ]{0,40}(?:KEY|CERTIFICATE)/],
  // Before the formless ones: a member's random value may look like any of them.
  ['jwk', /"(?:d|k|p|q|dp|dq|qi)"\s*:\s*"[A-Za-z0-9_-]{22,}"/],
  ['aws-access-key-id', /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/],
  [
    'aws-secret-access-key',
    /(?<![A-Za-z0-9/+=])(?=[^\s]*[A-Z])(?=[^\s]*[a-z])(?=[^\s]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/,
  ],
  ['json-web-token', /(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/],
  // 128 bits and more, in the forms keys are pasted in; a multi-Region key's id is none.
  ['hex-key', /(?<![0-9A-Fa-f]|mrk-)(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{32})(?![0-9A-Fa-f-])/],
  ['base64-key', /(?<![\w+/=-])(?=[^\s]*[A-Z])(?=[^\s]*[a-z])(?=[^\s]*\d)[\w+/-]{43}={0,1}(?![\w+/=-])/],
  ['base64-key', /(?<![\w+/=-])[\w+/-]{100,}={0,2}(?![\w+/=-])/],
  ['azure-client-secret', /(?<![\w~.-])[\w~.-]{3}8Q~[\w~.-]{31,34}/],
];

/** Where something that looks like key material was, and how long it is; nothing of the content. */
export interface KeyMaterial {
  readonly field: string;
  readonly detector: string;
  readonly length: number;
}

/** Members that are long and random by their own grammar, and are judged by it. */
const JUDGED_ELSEWHERE = new Set([
  'operationId',
  'planDigest',
  'evidence',
  'jws',
  'publicJwk',
  'enrolment',
  'actor',
]);

/**
 * Scans every text of a JSON value, member names included (invariant 7).
 * @returns the first find, or null. `field` names members by their path; one whose name isn't plain is `…`.
 */
export function findKeyMaterial(value: unknown, field = 'body'): KeyMaterial | null {
  if (typeof value === 'string') return inText(value, field);
  if (value === null || typeof value !== 'object') return null;
  if (isPrivateJwk(value)) return { field, detector: 'jwk', length: JSON.stringify(value).length };
  for (const [name, member] of Object.entries(value)) {
    if (JUDGED_ELSEWHERE.has(name) && !isPrivateJwk(member)) continue;
    const isPlain = /^[A-Za-z0-9]{1,30}$/.test(name);
    const path = `${field}/${isPlain ? name : '…'}`;
    const found = (isPlain ? null : inText(name, path)) ?? findKeyMaterial(member, path);
    if (found !== null) return found;
  }
  return null;
}

/** RFC 7517: an object with a key type and a private or secret member, sent where a public key belongs. */
const isPrivateJwk = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'kty' in value && ('d' in value || 'k' in value);

function inText(text: string, field: string): KeyMaterial | null {
  const hit = DETECTORS.find(([, pattern]) => pattern.test(text));
  return hit === undefined ? null : { field, detector: hit[0], length: text.length };
}
