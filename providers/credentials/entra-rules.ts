import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { requestIdOf } from '../../domain/intake/fields';
import { isNetworkError, propertyOf, textOf } from '../calls/foreign-error';
import { EntraRefusal } from './azure-token';

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

/** Where Entra's refusals die: OAuth `error` first, AADSTS numbers as a hint. */
export function classifyEntra(raw: unknown, owner: CredentialOwner): ProviderFailure {
  if (raw instanceof ProviderFailure) return raw;
  if (!(raw instanceof EntraRefusal)) return new ProviderFailure(codeOfTransport(raw));
  const code = codeOfRefusal(raw);
  const ours = owner === 'operator' && code === 'CREDENTIAL_INVALID';
  // Entra's `trace_id` is the "Request ID" of the tenant's sign-in log.
  const requestId = requestIdOf(propertyOf(raw.body, 'trace_id'));
  return new ProviderFailure(ours ? 'OUR_IDENTITY' : code, requestId);
}

function codeOfRefusal({ status, body }: EntraRefusal): ProviderCode {
  if (status === 429) return 'THROTTLED';
  const error = textOf(body, 'error');
  const isKnown = OAUTH_ERRORS.has(error);
  const numbers = numbersOf(body);
  const rule = ENTRA_RULES.find(
    (r) =>
      // Without an OAuth error that we know, the number is all there is.
      (isKnown ? r.oauth.includes(error) : r.numbers !== undefined) &&
      (r.numbers === undefined || r.numbers.some((n) => numbers.includes(n))),
  );
  if (rule !== undefined) return rule.code;
  return status >= 500 && status <= 599 ? 'PROVIDER_TRANSIENT' : 'UNCLASSIFIED';
}

/** No answer came: the egress or Node says why. */
function codeOfTransport(raw: unknown): ProviderCode {
  const name = textOf(raw, 'name');
  // The sign-in host is one of three that we wrote down: only a resolver of ours can lead it elsewhere.
  if (name === 'HostNotAllowed') return 'OUR_DNS';
  if (name === 'AbortError') return 'DEADLINE_EXCEEDED';
  return isNetworkError(raw) || name === 'TransportFailed' ? 'NETWORK' : 'UNCLASSIFIED';
}

/** `error_codes`, or else the number with which the description begins. */
function numbersOf(body: unknown): readonly number[] {
  const given = propertyOf(body, 'error_codes');
  const numbers = Array.isArray(given) ? given.filter((one) => typeof one === 'number') : [];
  if (numbers.length > 0) return numbers;
  const described = /^AADSTS(\d{5,8})\b/.exec(textOf(body, 'error_description'))?.[1];
  return described === undefined ? [] : [Number(described)];
}
