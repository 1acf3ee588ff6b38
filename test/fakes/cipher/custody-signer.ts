import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createStatementVerifier } from '../../../authority';
import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import type { StatementVerifier } from '../../../domain/ports/authority';
import { STATEMENT_TYPS, type Statement, type StatementKind } from '../../../domain/statement';

/** The custody key in a test's memory: real Ed25519 statements, and the product's own verifier for them. */
export class CustodySigner {
  readonly #privateKey: KeyObject;
  readonly verifier: StatementVerifier;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    const x = String(publicKey.export({ format: 'jwk' }).x);
    this.verifier = createStatementVerifier([{ kty: 'OKP', crv: 'Ed25519', x, kid: 'custody' }]);
  }

  sign(kind: StatementKind, statement: Statement): string {
    const header = part(JSON.stringify({ alg: 'EdDSA', typ: STATEMENT_TYPS[kind], kid: 'custody' }));
    const payload = part(canonicalJson(statement as unknown as JsonObject));
    const signature = sign(null, Buffer.from(`${header}.${payload}`), this.#privateKey);
    return `${header}.${payload}.${signature.toString('base64url')}`;
  }
}

const part = (text: string): string => Buffer.from(text).toString('base64url');
