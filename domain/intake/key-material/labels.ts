/**
 * A SHA-256 looks exactly like a 256-bit key. What tells them apart is what people write before them, and only
 * that: a random text with no word for what it is, is taken for a key.
 */
export type Meaning = 'public' | 'secret' | 'none';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** A secret's name. After one of these nothing is taken for public. */
const SECRET = words(
  'key keys secret secrets password passwort passwd pwd pass token passphrase psk kek dek private privat privée schlüssel schluessel geheimnis clé clef cle mdp plaintext credential credentials apikey code',
);
/** Names of what is published to be compared. They hold over the next few words: “SHA-256 of the plan is …”. */
const PUBLISHED = words(
  'sha sha1 sha224 sha256 sha384 sha512 md5 blake2b blake3 digest digests hash hashes checksum checksums fingerprint fingerprints thumbprint thumbprints x5t etag integrity merkle signature signatures ciphertext kcv prüfsumme pruefsumme hashwert fingerabdruck empreinte condensat signatur modulus sdata bh crc',
);
/** Names that count only right before what they name: identifiers, and things the product shows by their digest. */
const NAMED = words(
  'id ids kid uuid guid identifier identifiers trace traceparent span request requestid correlation event tenant object nonce jti serial root leaf head tree prev previous checkpoint commit revision plan evidence proof canary envelope statement wrapped blob ref reference version boundary thread ticket image container vkey jws public ciphertexts uid oid checkvalue',
);
/** Between a name and what it names. */
const FILLERS = words(
  'is was are were of the a an our your its this that now be been ist war der die das des dem unser unsere est le la les du de notre value wert hex base64 in as so and number nummer text',
);
/** Words that turn the secret's name after them into a public one: a public key, a request's idempotency key. */
const TURNING = words(
  'public pub öffentlicher öffentliche idempotency partition primary foreign sort host approval approver',
);
const TURNING_TOKENS = words('continuation next page sync pagination');
const WINDOW = 6;
const LOOKED_BACK = 90;

/** What the words right before a place call what stands there. @param label the field's name, for its first line */
export function meaningAt(text: string, at: number, label: string): Meaning {
  const lineFrom = text.lastIndexOf('\n', at - 1) + 1;
  const before = text.slice(Math.max(lineFrom, at - LOOKED_BACK), at);
  if (/[\p{L}\p{N}]/u.test(before)) return meaningOf(wordsOf(before));
  const above = text.slice(Math.max(0, lineFrom - 1 - LOOKED_BACK), Math.max(0, lineFrom - 1));
  const meaning = meaningOf(wordsOf(above.slice(above.lastIndexOf('\n') + 1)));
  return meaning === 'none' ? meaningOf(wordsOf(label)) : meaning;
}

const wordsOf = (text: string): string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll('check value', 'checkvalue')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

function meaningOf(before: readonly string[]): Meaning {
  let distance = 0;
  let seen = 0;
  for (let at = before.length - 1; at >= 0 && seen < WINDOW; at--) {
    const word = before[at] ?? '';
    const previous = before[at - 1] ?? '';
    if (FILLERS.has(word) || /^\d{1,3}$/.test(word)) continue;
    seen++;
    if (SECRET.has(word)) {
      const isTurned = TURNING.has(previous) || (word === 'token' && TURNING_TOKENS.has(previous));
      return isTurned ? 'public' : 'secret';
    }
    if (PUBLISHED.has(word) || /^(?:sha|md)\d/.test(word)) return 'public';
    if (NAMED.has(word) && distance < 2) return 'public';
    distance++;
  }
  return 'none';
}
