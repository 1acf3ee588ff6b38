import type { Detector } from './find';
import { isMixed } from './randomness';
import { isPublicStatement } from './statements';

/** A secret that shows by its own form what it is. `span`: the group that is the secret; the whole match else. */
interface Form {
  readonly detector: Detector;
  /** A text that has none of these (in any case) has none of this form: so that most texts cost one search each. */
  readonly hint: RegExp;
  readonly pattern: RegExp;
  readonly isOne?: (match: RegExpExecArray, text: string) => boolean;
}

/** What stands in examples and templates where a secret would. */
const PLACEHOLDER =
  /^(?:[*x.•_-]+|<[^>]*>?|\[[^\]]*\]?|\$[{(].*|\$[a-z_]+|%[a-z_]+%?|\{\{?.*|(?:your|my|the)[-_ ].*|(?:pass(?:word|wd|wort)?|passphrase|secret|changeme|change-me|redacted|removed|hidden|masked|none|null|true|false|undefined|example)[*.!]*)$/i;
const isGiven = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && !PLACEHOLDER.test(value) && !/EXAMPLE(?:KEY)?$/.test(value);

/** The body of an armour: somewhere in the next characters there is base64. A mere mention of the header has none. */
function hasBody(match: RegExpExecArray, text: string): boolean {
  const after = text.slice(match.index + match[0].length, match.index + match[0].length + 600);
  return [...after.matchAll(/[A-Za-z0-9+/]{16,}/g)].some(
    ([run]) => /[a-z]/.test(run) && /[A-Z0-9]/.test(run),
  );
}

const HOST = '[A-Za-z0-9.\\[\\]:_%{}$-]';

/** Quantifiers are bounded or meet what they can't contain: each pattern reads a text once. */
export const FORMS: readonly Form[] = [
  {
    detector: 'pem',
    hint: /PRIVATE KEY/i,
    pattern: /-{1,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?[ -]{0,6}/gi,
    isOne: hasBody,
  },
  {
    detector: 'putty-key',
    hint: /PuTTY-User/i,
    pattern: /PuTTY-User-Key-File-\d: ?[a-z0-9@.-]{1,60}/gi,
    isOne: (match, text) =>
      /Private-(?:Lines|MAC|Hash)/i.test(text.slice(match.index, match.index + 8_000)) ||
      hasBody(match, text),
  },
  {
    detector: 'age-secret-key',
    hint: /AGE-SECRET/i,
    pattern: /AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{50,60}/gi,
  },
  {
    detector: 'private-key-text',
    hint: /privateExponent|RSAKeyValue|priv:/i,
    pattern:
      /(?:privateExponent|prime1)["']?\s{0,4}[:=]\s{0,20}["']?[0-9A-Fa-f][0-9A-Fa-f:\s]{30}|\bpriv:\s{1,20}[0-9a-f]{2}(?::[0-9a-f]{2}){3}|<(?:D|InverseQ)>[A-Za-z0-9+/=\s]{20}/gi,
  },
  {
    detector: 'jwk',
    hint: /kty/,
    pattern: /["']?(?<![\w$])(?:d|k|p|q|dp|dq|qi)["']?\s{0,4}[:=]\s{0,4}["']?([A-Za-z0-9_-]{22,})/g,
    isOne: (_, text) => /kty["'\\]{0,4}\s{0,4}[:=]/.test(text),
  },
  // The same where `kty` was cut off.
  {
    detector: 'jwk',
    hint: /"d"|"k"|"p"/,
    pattern: /"(?:d|k|p|q|dp|dq|qi)"\s{0,4}:\s{0,4}"([A-Za-z0-9_-]{22,})"/g,
    isOne: ([, value = '']) => isMixed(value, 0.3),
  },
  {
    detector: 'pkcs12',
    hint: /"p12"|pfx/i,
    pattern: /\b(?:pfx|p12|pkcs12)(?:base64|data|blob)?["']?\s{0,4}[:=]\s{0,4}["']?MI[A-Za-z0-9+/]{60}/gi,
  },
  {
    detector: 'aws-session-token',
    hint: /IQoJb3JpZ2lu|[FQ]woGZXIvYXdz|[FQ]QoGZXIvYXdz|AQoDYXdz|session_?-?token/i,
    pattern:
      /(?<![A-Za-z0-9+/])(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz|AQoDYXdz)[A-Za-z0-9+/%=]{60,}|aws[_-]?session[_-]?token["']?\s{0,4}[:=]\s{0,4}["']?[A-Za-z0-9+/=]{60,}/gi,
  },
  {
    detector: 'aws-access-key-id',
    hint: /AKIA|ASIA/,
    pattern: /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/g,
    isOne: (match, text) => isGiven(match[0]) && !isOfTrail(match, text),
  },
  {
    detector: 'aws-secret-access-key',
    hint: /secret/i,
    pattern:
      /(?:aws)?[_-]?secret[_ -]?(?:access)?[_ -]?key["']?\s{0,4}[:=,]\s{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
    isOne: ([, value]) => isGiven(value),
  },
  {
    detector: 'azure-client-secret',
    hint: /[78]Q~/,
    pattern: /(?<![\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{31,34}(?![\w~-])/g,
  },
  {
    detector: 'azure-connection-string',
    hint: /AccountKey|SharedAccess|SharedSecret|Endpoint=/i,
    pattern:
      /(?:AccountKey|SharedAccessKey|SharedSecretValue|SharedAccessSignature|(?<=Id=[^;\s]{1,80};)Secret)\s{0,2}[=:]\s{0,2}["']?([A-Za-z0-9+/%=_-]{20,})/gi,
    isOne: ([, value]) => isGiven(value),
  },
  {
    detector: 'azure-sas',
    hint: /sig=/i,
    pattern: /(?:[?&;"'\s]|^)sig=([A-Za-z0-9%+/_-]{40,90})/gim,
    isOne: (match, text) =>
      /\b(?:s[vreipt]|se|spr|skoid|skn)=/.test(text.slice(Math.max(0, match.index - 400), match.index + 500)),
  },
  {
    detector: 'url-password',
    hint: /:\/\//,
    pattern: new RegExp(
      `(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\\s:@/?#"'<>]{0,100}:([^\\s@/"'<>]{1,200})@${HOST}`,
      'g',
    ),
    isOne: ([, value]) => isGiven(value) && (value?.length ?? 0) >= 4,
  },
  {
    detector: 'connection-string-password',
    hint: /pwd|password/i,
    pattern:
      /(?:(?:server|host|data source|user id|uid|user|database|initial catalog|endpoint|port)\s{0,2}=[^;\n"']{1,120};\s{0,2}[^\n"']{0,200}?|(?:^|[\s"']))(?:password|pwd)\s{0,2}=\s{0,2}([^;\s"']{6,120});/gim,
    isOne: ([, value]) => isGiven(value),
  },
  {
    detector: 'json-web-token',
    hint: /eyJ/,
    // A JWS, or a JWE, whose second part may be empty (RFC 7516 §3.1).
    pattern:
      /(?<![\w-])(?:eyJ[\w-]{10,8000})\.(?:[\w-]{10,20000}\.[\w-]*(?:\.[\w-]+\.[\w-]+)?|\.[\w-]{16}\.[\w-]{10,20000}\.[\w-]{22})/g,
    isOne: ([token]) => !isPublicStatement(token),
  },
  // Services' tokens that carry their maker's mark.
  {
    detector: 'service-token',
    hint: /gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk_live_|npm_|hv[sb]\.|AIza|SG\.|dapi|sk-ant-|sk-proj-/,
    pattern:
      /(?<![\w-])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,90}|glpat-[\w-]{20}|xox[abeprs]-[\w-]{20,200}|[sr]k_live_[A-Za-z0-9]{20,100}|npm_[A-Za-z0-9]{36}|hv[sb]\.[\w-]{24,200}|AIza[\w-]{35}|SG\.[\w-]{22}\.[\w-]{43}|dapi[0-9a-f]{32}|sk-(?:ant|proj)-[\w-]{30,200})(?![\w-])/g,
  },
  {
    detector: 'bearer-token',
    hint: /bearer/i,
    pattern: /\bBearer["']?[\s:]{1,4}["']?([A-Za-z0-9._~+/-]{20,}={0,2})/gi,
    isOne: ([, value = '']) =>
      isGiven(value) && /\d/.test(value) && /[a-z]/i.test(value) && !isPublicStatement(value),
  },
];

/** A CloudTrail record names the temporary key that called: an identifier, in the customer's own log. */
function isOfTrail({ index }: RegExpExecArray, text: string): boolean {
  const isNamed = /accessKeyId[\\"]{1,4}\s{0,4}:\s{0,4}[\\"]{1,4}$/.test(
    text.slice(Math.max(0, index - 30), index),
  );
  return isNamed && text.includes('eventSource') && text.includes('eventName');
}
