import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { requestIdOf } from '../../domain/intake/fields';
import { isNetworkError, propertyOf, textOf } from '../calls/foreign-error';

/** Whose credential was refused: one of the operator's, or what a customer's reference points to. */
export type CredentialOwner = 'operator' | 'customer';

export interface EntraRule {
  /** OAuth 2.0 `error` of the token endpoint (RFC 6749 §5.2 and Entra's own). */
  readonly oauth: readonly string[];
  /**
   * AADSTS numbers that split one OAuth error into causes. Microsoft says that clients should never depend on
   * them, so each is only a hint: the last rule for an OAuth error takes it without any.
   * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
   */
  readonly numbers?: readonly number[];
  readonly code: ProviderCode;
  readonly reason: string;
}

/** The first rule that fits counts. */
export const ENTRA_RULES: readonly EntraRule[] = [
  {
    oauth: ['unauthorized_client', 'invalid_client'],
    numbers: [7000112],
    code: 'IDENTITY_BLOCKED',
    reason: 'the app is disabled, in the tenant or at home',
  },
  {
    oauth: ['unauthorized_client', 'invalid_client', 'invalid_request'],
    numbers: [700016, 7000229],
    code: 'SP_NOT_IN_TENANT',
    reason: 'the app isn’t known in that tenant, or has no service principal there',
  },
  {
    oauth: ['invalid_request', 'invalid_tenant', 'invalid_client', 'invalid_grant'],
    numbers: [90002, 900021, 90005, 900023],
    code: 'TENANT_NOT_FOUND',
    reason: 'no such tenant, or not a tenant’s name',
  },
  {
    oauth: ['invalid_grant', 'access_denied', 'interaction_required', 'unauthorized_client'],
    numbers: [53000, 53003, 53004],
    code: 'IDENTITY_BLOCKED',
    reason: 'a Conditional Access policy applies to the app',
  },
  {
    oauth: ['invalid_client', 'invalid_request', 'invalid_grant', 'unauthorized_client'],
    numbers: [70021, 700211, 700212, 700213, 700236],
    code: 'FEDERATION_MISMATCH',
    reason: 'no federated credential of the app has that issuer, subject and audience',
  },
  {
    oauth: ['invalid_client', 'invalid_grant'],
    numbers: [700024],
    code: 'OUR_CLOCK_OR_CREDS',
    reason: 'an assertion from outside its time: we write the times, by our clock',
  },
  {
    oauth: ['invalid_client', 'invalid_request', 'invalid_grant', 'unauthorized_client'],
    numbers: [7000215, 7000222, 700027, 50013, 50012, 70002, 7000218],
    code: 'CREDENTIAL_INVALID',
    reason: 'secret or certificate is wrong, expired or not registered',
  },
  {
    oauth: ['invalid_request', 'invalid_grant', 'temporarily_unavailable', 'server_error'],
    numbers: [90033, 50196, 90055],
    code: 'PROVIDER_TRANSIENT',
    reason: 'Entra asks to try again',
  },
  {
    oauth: ['unauthorized_client'],
    code: 'SP_NOT_IN_TENANT',
    reason: 'without a number: most often the app isn’t installed there',
  },
  { oauth: ['invalid_client'], code: 'CREDENTIAL_INVALID', reason: 'we weren’t believed to be the app' },
  { oauth: ['invalid_tenant'], code: 'TENANT_NOT_FOUND', reason: 'its very name says so' },
  {
    oauth: ['access_denied', 'interaction_required', 'invalid_grant', 'consent_required', 'login_required'],
    code: 'IDENTITY_BLOCKED',
    reason: 'the tenant asks for what no application can do',
  },
  {
    oauth: ['temporarily_unavailable', 'server_error'],
    code: 'PROVIDER_TRANSIENT',
    reason: 'Entra’s own trouble',
  },
  {
    oauth: ['slow_down'],
    code: 'THROTTLED',
    reason: 'too many token requests',
  },
];

const OAUTH_ERRORS: ReadonlySet<string> = new Set(
  // Known and without a rule of their own: what they mean is that our request is wrong.
  [
    ...ENTRA_RULES.flatMap(({ oauth }) => oauth),
    'invalid_scope',
    'invalid_resource',
    'unsupported_grant_type',
  ],
);
/** MSAL's names for "no answer came", and the network’s. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  'network_error',
  'endpoints_resolution_error',
  'openid_config_error',
]);

/**
 * Where Entra's errors die: an answer's body, an error of MSAL's, or one of `@azure/identity`'s, which keeps no more
 * of MSAL's than its text. OAuth `error` first, AADSTS numbers as a hint.
 */
export function classifyEntra(raw: unknown, owner: CredentialOwner = 'operator'): ProviderFailure {
  if (raw instanceof ProviderFailure) return raw;
  const code = codeOf(raw);
  const ours = owner === 'operator' && code === 'CREDENTIAL_INVALID';
  return new ProviderFailure(ours ? 'OUR_IDENTITY' : code, requestIdOfEntra(raw));
}

function codeOf(raw: unknown): ProviderCode {
  const name = textOf(raw, 'name');
  if (name === 'HostNotAllowed') return 'HOST_NOT_ALLOWED';
  if (name === 'AbortError') return 'DEADLINE_EXCEEDED';
  const status = statusOf(raw);
  if (status === 429) return 'THROTTLED';
  const oauth = oauthOf(raw);
  const numbers = numbersOf(raw);
  const rule = ENTRA_RULES.find(
    (r) =>
      // Without an OAuth error the number is all there is.
      (oauth === '' ? r.numbers !== undefined : r.oauth.includes(oauth)) &&
      (r.numbers === undefined || r.numbers.some((n) => numbers.includes(n))),
  );
  if (rule !== undefined) return rule.code;
  if (status !== undefined && status >= 500 && status <= 599) return 'PROVIDER_TRANSIENT';
  if (isNetworkError(raw) || name === 'TransportFailed' || NO_ANSWER.has(leadOf(raw))) return 'NETWORK';
  return 'UNCLASSIFIED';
}

/** Where the members of an answer's body are found. */
const bodiesOf = (raw: unknown): readonly unknown[] => [
  raw,
  propertyOf(raw, 'errorResponse'),
  propertyOf(raw, 'body'),
  propertyOf(raw, 'details'),
];

function oauthOf(raw: unknown): string {
  const named = bodiesOf(raw).flatMap((body) => [textOf(body, 'error'), textOf(body, 'errorCode')]);
  return [...named, leadOf(raw)].find((text) => OAUTH_ERRORS.has(text)) ?? '';
}

/** The word before the first colon: MSAL's messages are `<error>: <description>`. */
const leadOf = (raw: unknown): string =>
  textOf(raw, 'errorCode') || (/^([a-z_]{1,40})\b/.exec(textOf(raw, 'message'))?.[1] ?? '');

function numbersOf(raw: unknown): readonly number[] {
  const given = bodiesOf(raw).flatMap((body) => {
    const list = propertyOf(body, 'error_codes') ?? propertyOf(body, 'errorCodes');
    return Array.isArray(list) ? list.filter((one) => typeof one === 'number') : [];
  });
  if (given.length > 0) return given;
  const texts = bodiesOf(raw).flatMap((body) =>
    ['error_description', 'errorDescription', 'errorMessage', 'errorNo', 'message'].map((key) =>
      textOf(body, key),
    ),
  );
  return texts.flatMap((text) =>
    [...text.matchAll(/(?:AADSTS|^)(\d{5,8})\b/g)].map((match) => Number(match[1])),
  );
}

function statusOf(raw: unknown): number | undefined {
  const status = propertyOf(raw, 'statusCode') ?? propertyOf(raw, 'status');
  return typeof status === 'number' ? status : undefined;
}

/** Entra's `trace_id`, the "Request ID" of the tenant's sign-in log. */
function requestIdOfEntra(raw: unknown): ReturnType<typeof requestIdOf> {
  for (const body of bodiesOf(raw)) {
    const id = requestIdOf(propertyOf(body, 'trace_id')) ?? requestIdOf(propertyOf(body, 'traceId'));
    if (id !== null) return id;
  }
  const told = /Trace ID: ([0-9a-f-]{36})\b/.exec(textOf(raw, 'message'))?.[1];
  return requestIdOf(told);
}
