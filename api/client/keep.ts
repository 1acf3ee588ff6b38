import { credentialLocator } from '../../domain/intake/credential-locator';
import { jws } from '../../domain/intake/fields';
import { findKeyMaterial, type KeyMaterial } from '../../domain/intake/key-material';
import { unjudged } from '../unjudged';
import type { Call } from './transport';

/** Something that looks like key material was about to be sent; it wasn't. Says where, never what. */
export class KeyMaterialKept extends Error {
  override readonly name = 'KeyMaterialKept';
  constructor(readonly found: KeyMaterial) {
    super(`${found.field} holds something that looks like key material (${found.detector})`);
  }
}

/** Content of workspaces is encrypted or decrypted as it is. */
const CONTENT = /\/(?:encrypt|decrypt)$/;
/** Signatures and locators, whose grammar tells them from anything else; the API judges them by it too. */
const JUDGED = { jws, enrolment: jws, 'evidence/jws': jws, locator: credentialLocator };

/** Looks at a call before it leaves this machine. @throws KeyMaterialKept */
export function keepKeyMaterial({ path, body, idempotencyKey }: Call): void {
  const found =
    findKeyMaterial({ path: path.split('/') }, 'url') ??
    findKeyMaterial({ 'idempotency-key': idempotencyKey }, 'headers') ??
    (CONTENT.test(path) ? null : findKeyMaterial(unjudged(body, JUDGED)));
  if (found !== null) throw new KeyMaterialKept(found);
}
