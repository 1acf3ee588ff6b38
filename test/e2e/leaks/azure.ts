import { VAULT_RULES, type VaultRule } from '../../../providers/azure-key-vault/rules';
import { ENTRA_RULES, type EntraRule } from '../../../providers/credentials/entra-rules';
import { type Effect, type Failing, marked, markedBase64, markedId, notTheirs } from './failing';

const headers = () => ({
  'x-mark': marked(),
  'x-ms-request-id': markedId(),
  'x-ms-keyvault-network-info': `addr=${marked()}`,
  'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${marked()}", resource="${marked()}"`,
});

const vaultError = (status: number, inner?: string): Effect => ({
  kind: 'error',
  code: marked(),
  ...(inner === undefined ? {} : { inner }),
  status,
  message: `${marked()} https://${marked()}.vault.azure.net`,
  headers: headers(),
  requestId: markedId(),
});
const refusedBy = ({ status, inner = [] }: VaultRule): Effect[] =>
  inner.length === 0 ? [vaultError(status)] : inner.map((each) => vaultError(status, each));

/** Entra's own shape, with the mark in every member that a cause isn't told by. */
const entraError = (error: string, numbers: readonly number[] = []): Effect => ({
  kind: 'error',
  code: '0',
  status: 400,
  headers: headers(),
  body: JSON.stringify({
    error,
    error_codes: numbers.slice(0, 1),
    ...{ error_description: marked(), suberror: marked(), claims: marked(), error_uri: marked() },
    ...{ trace_id: markedId(), correlation_id: markedId(), timestamp: marked() },
  }),
});
const refusedByEntra = ({ oauth, numbers }: EntraRule): Effect[] =>
  oauth.map((error) => entraError(error, numbers));

const MATCH = {
  credential: { service: 'entra', action: 'Token' },
  wrap: { service: 'vault', action: 'KeyWrap' },
  unwrap: { service: 'vault', action: 'KeyUnwrap' },
} as const;

export const AZURE: Failing = {
  causes: () => [
    ...VAULT_RULES.map((rule) => ({
      on: rule.during === 'wrap-key' ? ('wrap' as const) : ('unwrap' as const),
      effect: vaultError(rule.status, rule.inner?.[0]),
    })),
    ...ENTRA_RULES.map(({ oauth: [error = ''], numbers }) => ({
      on: 'credential' as const,
      effect: entraError(error, numbers),
    })),
  ],
  refusals: (on) => (on === 'unwrap' ? VAULT_RULES.flatMap(refusedBy) : ENTRA_RULES.flatMap(refusedByEntra)),
  notTheirs: () =>
    notTheirs(headers, {
      answer: {
        kid: `https://${marked()}.vault.azure.net/keys/${marked()}/${marked()}`,
        value: Buffer.from(markedBase64(), 'base64').toString('base64url'),
        // Of Entra's: taken for a token, and shown to the vault.
        ...{ token_type: 'Bearer', expires_in: 3599, access_token: marked() },
      },
      refusal: { error: { code: marked(), message: marked(), innererror: { code: marked() } } },
    }),
  denied: () => vaultError(403, 'ForbiddenByRbac'),
  disabled: () => vaultError(403, 'KeyDisabled'),
  transient: () => vaultError(500),
  inject: ({ azure }, { on, ...fault }) => azure.inject({ match: MATCH[on], ...fault }),
};
