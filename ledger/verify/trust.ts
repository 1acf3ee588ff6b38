import { type PublicJwk, publicJwkFrom } from './jwk';
import type { Hasher } from './suite';
import { parseVkey, type VerifierKey } from './vkey';

/**
 * Keys got from elsewhere than the bundle they check. As a file, one key a line, "#" begins a remark:
 *
 *     checkpoint    novantra-eu+1f0a2b3c+AT…        the log's vkey (C2SP signed-note), of type 0x01
 *     witness       witness.example+0a1b2c3d+BJ…    a witness's vkey, of type 0x04
 *     custody       {"crv":"Ed25519","kty":"OKP","x":"…"}
 *     order-issuer  {"crv":"Ed25519","kty":"OKP","x":"…"}
 *     actor         {"crv":"Ed25519","kty":"OKP","x":"…"}   the API's key, whose word says who of our staff approved
 *     approver      <RFC 7638 thumbprint>           an approval key the customer knows to be its own
 */
export interface Trust {
  readonly checkpoint: readonly VerifierKey[];
  readonly witness: readonly VerifierKey[];
  readonly custody: readonly PublicJwk[];
  readonly orderIssuer: readonly PublicJwk[];
  readonly actor: readonly PublicJwk[];
  readonly approver: readonly string[];
}

/** @throws SyntaxError that names the line. */
export function parseTrust(hasher: Hasher, text: string): Trust {
  const checkpoint: VerifierKey[] = [];
  const witness: VerifierKey[] = [];
  const custody: PublicJwk[] = [];
  const orderIssuer: PublicJwk[] = [];
  const actor: PublicJwk[] = [];
  const approver: string[] = [];
  text.split('\n').forEach((line, i) => {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) return;
    const [, word = '', rest = ''] = /^(\S+)\s+(.+)$/.exec(entry) ?? [];
    const wrong = (what: string) => new SyntaxError(`trust file, line ${i + 1}: ${what}`);
    const vkey = (kind: VerifierKey['kind']) => {
      const key = parseVkey(hasher, rest);
      if (key?.kind !== kind) throw wrong(`not a verifier key of kind ${kind}`);
      return key;
    };
    const jwk = () => {
      const key = publicJwkFrom(jsonOf(rest));
      if (key === undefined) throw wrong('not an Ed25519 public key as JWK');
      return key;
    };
    switch (word) {
      case 'checkpoint':
        checkpoint.push(vkey('ed25519'));
        return;
      case 'witness':
        witness.push(vkey('cosignature'));
        return;
      case 'custody':
        custody.push(jwk());
        return;
      case 'order-issuer':
        orderIssuer.push(jwk());
        return;
      case 'actor':
        actor.push(jwk());
        return;
      case 'approver':
        if (!/^[A-Za-z0-9_-]{43}$/.test(rest)) throw wrong('not a JWK thumbprint');
        approver.push(rest);
        return;
      default:
        throw wrong('expected checkpoint, witness, custody, order-issuer, actor or approver, then a key');
    }
  });
  return { checkpoint, witness, custody, orderIssuer, actor, approver };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
