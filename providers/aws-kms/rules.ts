import type { ProviderCode } from '../../domain/codes';

/**
 * What was asked when the error came. `assume-role`, `trust-probe` (an AssumeRole that ought to be refused) and
 * `caller-identity` (whose a referenced credential is) are STS, the rest KMS; `control` is what the operator does in its own account: key administration, and
 * assuming its own roles.
 */
export type AwsOperation = 'assume-role' | 'trust-probe' | 'caller-identity' | 'wrap' | 'unwrap' | 'control';

export interface Rule {
  /** Error names as the SDK gives them (`err.name`): KMS's end in `Exception`, STS's often don't. */
  readonly names: readonly string[];
  readonly during?: readonly AwsOperation[];
  /** Splits one name into sub-causes. Read here and nowhere else; nothing of the message is kept. */
  readonly says?: RegExp;
  /** The region must be switched on per account (`true`) or is on for everybody (`false`). */
  readonly optIn?: boolean;
  readonly code: ProviderCode;
  readonly reason: string;
}

/** The first rule that fits counts. One row of the failure table, one rule (or one per sub-cause). */
export const RULES: readonly Rule[] = [
  {
    names: ['DisabledException', 'KMSInvalidStateException'],
    says: /pending deletion/i,
    code: 'KEY_PENDING_DELETION',
    reason: 'AWS answers a key that awaits deletion with either name',
  },
  {
    names: ['KMSInvalidStateException'],
    says: /pending import/i,
    code: 'KEY_MATERIAL_MISSING',
    reason: 'imported material expired or was deleted',
  },
  {
    names: ['KMSInvalidStateException'],
    says: /unavailable/i,
    code: 'CUSTOM_STORE_DOWN',
    reason: 'only a key in a custom key store becomes unavailable',
  },
  {
    names: ['DisabledException'],
    code: 'KEY_DISABLED',
    reason: 'whatever it says beside it, the key is switched off',
  },
  {
    names: ['KMSInvalidStateException'],
    says: /disabled/i,
    code: 'KEY_DISABLED',
    reason: 'the general name for a state, used for this one too',
  },
  {
    names: ['NotFoundException'],
    code: 'KEY_NOT_FOUND',
    reason: 'wrong region, account, ARN or alias, or purged: AWS tells them apart only in words',
  },
  {
    names: ['AccessDenied', 'AccessDeniedException'],
    during: ['assume-role', 'trust-probe'],
    code: 'ROLE_ASSUME_DENIED',
    reason: 'role gone, trust policy, external ID or SCP: not separable by design',
  },
  {
    names: ['AccessDenied', 'AccessDeniedException', 'NotAuthorized'],
    during: ['wrap'],
    code: 'WRAP_DENIED',
    reason: 'reads go on: only kms:Encrypt is missing',
  },
  {
    names: ['AccessDenied', 'AccessDeniedException', 'NotAuthorized'],
    during: ['unwrap'],
    code: 'UNWRAP_DENIED',
    reason: 'key policy, role policy, SCP or a context condition',
  },
  {
    names: ['AccessDenied', 'AccessDeniedException', 'NotAuthorized'],
    during: ['control'],
    code: 'OUR_IDENTITY',
    reason: 'the operator’s own account denies the operator',
  },
  {
    names: ['InvalidKeyUsageException'],
    code: 'KEY_WRONG_TYPE',
    reason: 'asymmetric, HMAC or signing key',
  },
  {
    names: ['IncorrectKeyException'],
    code: 'KEY_MISMATCH',
    reason: 'the ciphertext was made under another key than the one we name',
  },
  {
    names: ['InvalidCiphertextException'],
    code: 'CONTEXT_OR_BLOB_INVALID',
    reason: 'we send blob and context as recorded: if they don’t fit, our records are wrong',
  },
  {
    names: ['InvalidArnException', 'ValidationException', 'ValidationError'],
    code: 'CONFIG_INVALID',
    reason: 'an identifier of the connection doesn’t have AWS’s form',
  },
  {
    names: [
      'KeyUnavailableException',
      'DependencyTimeoutException',
      'KMSInternalException',
      'InternalFailure',
      'InternalError',
      'InternalServerError',
      'InternalServiceError',
      'ServiceUnavailable',
      'ServiceUnavailableException',
    ],
    code: 'PROVIDER_TRANSIENT',
    reason: 'AWS’s own trouble, modelled by KMS or common to all its services',
  },
  {
    names: [
      'ThrottlingException',
      'Throttling',
      'RequestLimitExceeded',
      'TooManyRequestsException',
      'LimitExceededException',
    ],
    code: 'THROTTLED',
    reason: 'the quota of whoever signs: with an assumed role the customer’s',
  },
  {
    names: ['RegionDisabledException', 'OptInRequired'],
    code: 'REGION_NOT_ENABLED',
    reason: 'STS is switched off there, or the region was never switched on',
  },
  {
    names: ['UnrecognizedClientException', 'UnrecognizedClient', 'InvalidClientTokenId'],
    optIn: true,
    code: 'REGION_NOT_ENABLED',
    reason: 'an opt-in region that is off knows none of the account’s credentials',
  },
  {
    names: ['UnrecognizedClientException', 'UnrecognizedClient', 'InvalidClientTokenId'],
    during: ['caller-identity'],
    code: 'CREDENTIAL_INVALID',
    reason: 'an access key of the customer’s that was deleted, deactivated or never there',
  },
  {
    names: ['UnrecognizedClientException', 'UnrecognizedClient', 'InvalidClientTokenId'],
    optIn: false,
    code: 'OUR_IDENTITY',
    reason: 'where every account is known, the credentials themselves are bad',
  },
  {
    names: ['ExpiredTokenException', 'ExpiredToken'],
    during: ['caller-identity'],
    code: 'CREDENTIAL_EXPIRED',
    reason: 'a session of the customer’s role, which we only read: nothing that we could renew',
  },
  {
    names: ['SignatureDoesNotMatch', 'InvalidSignatureException'],
    during: ['caller-identity'],
    says: /calculated does not match/i,
    code: 'CREDENTIAL_INVALID',
    reason: 'the secret isn’t that of the access key; a wrong clock is told in other words',
  },
  {
    names: ['ExpiredTokenException', 'ExpiredToken'],
    code: 'SESSION_EXPIRED',
    reason: 'renewed and tried once more',
  },
  {
    names: [
      'InvalidIdentityTokenException',
      'InvalidIdentityToken',
      'IDPRejectedClaim',
      'IDPRejectedClaimException',
      'IDPCommunicationError',
      'IDPCommunicationErrorException',
      'CredentialsProviderError',
    ],
    code: 'OUR_IDENTITY',
    reason: 'our own web identity or credential source',
  },
  {
    names: [
      'PackedPolicyTooLarge',
      'PackedPolicyTooLargeException',
      'MalformedPolicyDocument',
      'MalformedPolicyDocumentException',
    ],
    code: 'OUR_SESSION_POLICY',
    reason: 'we write the session policy',
  },
  {
    names: [
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      'IncompleteSignature',
      'IncompleteSignatureException',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      'RequestTimeTooSkewed',
      'RequestExpired',
    ],
    code: 'OUR_CLOCK_OR_CREDS',
    reason: 'we sign, by our clock',
  },
  {
    names: ['DryRunOperationException'],
    code: 'UNCLASSIFIED',
    reason: 'success of a KMS dry run, which we never ask for: somebody else’s answer',
  },
  {
    names: ['TimeoutError'],
    code: 'NETWORK',
    reason:
      'name resolution, connection or TLS, refused or cut: no answer came. Our own deadline aborts instead',
  },
  {
    names: ['AbortError'],
    code: 'DEADLINE_EXCEEDED',
    reason: 'only a deadline of ours aborts a call',
  },
  {
    names: ['HostNotAllowed'],
    code: 'OUR_DNS',
    reason: 'the host is computed from a region of our list: only a resolver of ours can lead it elsewhere',
  },
];

/**
 * Regions that are off in an account until it switches them on: those opened since 20 March 2019.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
export const OPT_IN_REGIONS: ReadonlySet<string> = new Set([
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
]);
