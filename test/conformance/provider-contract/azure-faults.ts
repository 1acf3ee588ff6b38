import type { ProviderCode } from '../../../domain/codes';
import type { AzureFixture } from './azure-world';
import type { Fault } from './contract';

export const mend = ({ emulator }: AzureFixture): void => emulator.clearFaults();
const told = (marker: string) => ({
  headers: { 'x-marker': marker },
  requestId: `{${marker}}`,
});

/** A vault's refusal; `says` goes into the message, beside the marker. */
function refusal(
  status: number,
  inner: string | undefined,
  during: 'wrap' | 'unwrap',
  code: ProviderCode,
  says = '',
): Fault<AzureFixture> {
  return {
    row: [status, inner, says].filter((part) => part !== undefined && part !== '').join(' '),
    during,
    inject: ({ emulator }, marker) => {
      emulator.inject({
        match: { service: 'vault', action: during === 'wrap' ? 'KeyWrap' : 'KeyUnwrap' },
        effect: {
          kind: 'error',
          code: marker,
          ...(inner === undefined ? {} : { inner }),
          status,
          message: `${marker} https://${marker}.vault.azure.net ${says}`,
          ...told(marker),
        },
      });
    },
    mend,
    code,
  };
}

type OAuth = 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'invalid_scope' | 'unauthorized_client';

/** A refusal of Entra's, in the course of a renewal. */
function entra(number: number, oauth: OAuth, code: ProviderCode, status = 401): Fault<AzureFixture> {
  return {
    row: `Entra ${oauth} AADSTS${number} (${status})`,
    during: 'unwrap',
    inject: ({ emulator }, marker) => {
      // The token at hand has to go first, or nothing asks for one.
      emulator.inject({
        match: { service: 'vault', action: 'KeyUnwrap' },
        effect: { kind: 'error', code: 'Unauthorized', status: 401, message: marker, ...told(marker) },
        count: 1,
      });
      emulator.inject({
        match: { service: 'entra', action: 'Token' },
        effect: { kind: 'error', code: String(number), oauth, status, message: marker, ...told(marker) },
      });
    },
    mend,
    code,
  };
}

const malformed = (
  body: (marker: string, kid: string) => string,
  row: string,
  during: 'wrap' | 'unwrap',
  status: number,
  code: ProviderCode,
): Fault<AzureFixture> => ({
  row: `an answer that is ${row} (${status})`,
  during,
  inject: ({ emulator, kid }, marker) => {
    emulator.inject({
      match: { service: 'vault', action: during === 'wrap' ? 'KeyWrap' : 'KeyUnwrap' },
      effect: { kind: 'malformed', status, body: body(marker, kid), headers: { 'x-marker': marker } },
    });
  },
  mend,
  code,
});
const html = (marker: string): string => `<html>${marker}</html>`;
const lacking = (marker: string): string => JSON.stringify({ marker });
const keyless = (marker: string, kid: string): string => JSON.stringify({ kid, marker });
const foreign = (marker: string): string =>
  JSON.stringify({ kid: `https://${marker}.example/keys/x/${'0'.repeat(32)}`, value: 'AAAA' });
const elsewhere = (_: string, kid: string): string =>
  JSON.stringify({ kid: kid.replace('contoso-', 'contosa-'), value: 'AAAA' });
const other = (_: string, kid: string): string =>
  JSON.stringify({ kid: kid.replace(/.{32}$/, '0'.repeat(32)), value: 'A'.repeat(342) });
const short = (_: string, kid: string): string => JSON.stringify({ kid, value: 'AAAA' });
const marked = (marker: string, kid: string): string => JSON.stringify({ kid, value: `{${marker}}` });

export const faults: Fault<AzureFixture>[] = [
  refusal(403, 'ForbiddenByRbac', 'unwrap', 'RBAC_DENIED'),
  refusal(403, 'ForbiddenByRbac', 'wrap', 'WRAP_DENIED'),
  refusal(403, 'ForbiddenByPolicy', 'unwrap', 'ACCESS_POLICY_DENIED'),
  refusal(403, 'AccessDenied', 'unwrap', 'ACCESS_POLICY_DENIED'),
  refusal(403, 'AccessDenied', 'wrap', 'WRAP_DENIED'),
  refusal(403, 'ForbiddenByFirewall', 'unwrap', 'FIREWALL'),
  refusal(403, 'ForbiddenByConnection', 'wrap', 'FIREWALL'),
  refusal(403, 'KeyDisabled', 'unwrap', 'KEY_DISABLED'),
  refusal(403, undefined, 'unwrap', 'KEY_DISABLED', 'Operation unwrapKey is not allowed on a disabled key.'),
  refusal(
    403,
    'SomethingNew',
    'wrap',
    'KEY_EXPIRED_OR_NBF',
    'Operation wrapKey is not allowed on an expired key.',
  ),
  refusal(403, undefined, 'wrap', 'KEY_OPS_MISSING', 'Operation wrapKey is not permitted on this key.'),
  refusal(403, 'SomethingNew', 'wrap', 'WRAP_DENIED'),
  refusal(403, 'SomethingNew', 'unwrap', 'UNWRAP_DENIED'),
  refusal(404, undefined, 'unwrap', 'KEY_DELETED_OR_VERSION_GONE'),
  refusal(409, 'ObjectIsDeletedButRecoverable', 'unwrap', 'KEY_DELETED_OR_VERSION_GONE'),
  refusal(409, 'SomethingNew', 'unwrap', 'UNCLASSIFIED'),
  refusal(400, undefined, 'unwrap', 'CIPHERTEXT_OR_ALG_MISMATCH'),
  refusal(400, undefined, 'wrap', 'CONFIG_INVALID'),
  refusal(400, undefined, 'wrap', 'KEY_WRONG_TYPE', "is of type 'EC'"),
  refusal(401, undefined, 'unwrap', 'SESSION_EXPIRED'),
  refusal(401, undefined, 'unwrap', 'TENANT_MISMATCH', 'AKV10032: Invalid issuer.'),
  refusal(429, undefined, 'unwrap', 'THROTTLED'),
  refusal(500, undefined, 'unwrap', 'PROVIDER_TRANSIENT'),
  refusal(503, undefined, 'wrap', 'PROVIDER_TRANSIENT'),
  refusal(418, undefined, 'unwrap', 'UNCLASSIFIED'),
  entra(700016, 'unauthorized_client', 'SP_NOT_IN_TENANT', 400),
  entra(7000229, 'unauthorized_client', 'SP_NOT_IN_TENANT', 400),
  entra(7000112, 'unauthorized_client', 'IDENTITY_BLOCKED', 400),
  entra(53003, 'invalid_grant', 'IDENTITY_BLOCKED', 400),
  entra(90002, 'invalid_request', 'TENANT_NOT_FOUND', 400),
  entra(7000215, 'invalid_client', 'OUR_IDENTITY'),
  entra(7000222, 'invalid_client', 'OUR_IDENTITY'),
  entra(700027, 'invalid_client', 'OUR_IDENTITY'),
  entra(700024, 'invalid_client', 'OUR_CLOCK_OR_CREDS'),
  entra(700211, 'invalid_request', 'FEDERATION_MISMATCH', 400),
  entra(700213, 'invalid_client', 'FEDERATION_MISMATCH'),
  entra(1234567, 'unauthorized_client', 'SP_NOT_IN_TENANT', 400),
  entra(1234567, 'invalid_client', 'OUR_IDENTITY'),
  entra(1234567, 'invalid_scope', 'UNCLASSIFIED', 400),
  entra(90033, 'invalid_request', 'PROVIDER_TRANSIENT', 503),
  entra(1234567, 'invalid_request', 'THROTTLED', 429),
  malformed(html, 'not JSON', 'unwrap', 200, 'UNCLASSIFIED'),
  malformed(html, 'not JSON', 'wrap', 200, 'UNCLASSIFIED'),
  malformed(html, 'not JSON', 'unwrap', 503, 'PROVIDER_TRANSIENT'),
  malformed(html, 'not JSON', 'wrap', 302, 'UNCLASSIFIED'),
  malformed(lacking, 'without its members', 'wrap', 200, 'UNCLASSIFIED'),
  malformed(lacking, 'without its members', 'unwrap', 200, 'UNCLASSIFIED'),
  malformed(keyless, 'without a value', 'unwrap', 200, 'UNCLASSIFIED'),
  malformed(marked, 'with a value that isn’t base64url', 'wrap', 200, 'UNCLASSIFIED'),
  malformed(foreign, 'of a host that’s no vault', 'wrap', 200, 'KEY_MISMATCH'),
  malformed(elsewhere, 'of another vault', 'unwrap', 200, 'KEY_MISMATCH'),
  malformed(elsewhere, 'of another vault', 'wrap', 200, 'KEY_MISMATCH'),
  malformed(other, 'of another version', 'wrap', 200, 'KEY_MISMATCH'),
  malformed(other, 'of another version', 'unwrap', 200, 'KEY_MISMATCH'),
  malformed(short, 'too short for RSA', 'wrap', 200, 'KEY_WRONG_TYPE'),
  malformed(short, 'too short for a key', 'unwrap', 200, 'CIPHERTEXT_OR_ALG_MISMATCH'),
];
