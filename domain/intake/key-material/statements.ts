import { base64Bytes, textOf } from './bytes';

/** JOSE types of what we, the commerce system and customers sign for others to read: none of them lets anybody in. */
const PUBLIC_STATEMENT =
  /"typ" ?: ?"smsk-(?:order\+jwt|approval\+jws|enrolment\+jws|envelope\+jws|custody\+jws|platform-sealed\+jws)"/;
/** Base64url characters of an Ed25519 signature. */
const SIGNATURE_LENGTH = 86;
const PRIVATE = /"(?:d|k)" ?:|PRIVATE KEY/;

/** A compact JWS in one of our public types, whose payload has no private key in it. */
export function isPublicStatement(token: string): boolean {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  if (signature.length !== SIGNATURE_LENGTH || rest.some((part) => part !== '')) return false;
  const text = textOf(base64Bytes(header, 400));
  if (text === null || !PUBLIC_STATEMENT.test(text)) return false;
  const claims = textOf(base64Bytes(payload));
  return claims !== null && !PRIVATE.test(claims);
}
