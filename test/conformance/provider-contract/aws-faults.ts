import type { ProviderCode } from '../../../domain/codes';
import { type AwsFixture, REGION } from './aws-world';
import type { Fault } from './contract';

type Call = 'Encrypt' | 'Decrypt' | 'AssumeRole';

/** `says` goes into the message, beside the marker. */
function fault(row: string, call: Call, code: ProviderCode, says = '', status = 400): Fault<AwsFixture> {
  return {
    row: `${row}${says === '' ? '' : ` "${says}"`}${call === 'AssumeRole' ? ' on AssumeRole' : ''}`,
    during: call === 'Encrypt' ? 'wrap' : 'unwrap',
    inject: ({ world, records }, marker) => {
      // The session at hand has to go first, or nothing assumes the role.
      if (call === 'AssumeRole')
        inject(world.emulator, 'Decrypt', 'ExpiredTokenException', marker, '', 400, 1);
      inject(world.emulator, call, row, marker, says, status);
      records.length = 0;
    },
    mend: ({ world }) => world.emulator.clearFaults(),
    code,
  };
}

function inject(
  emulator: AwsFixture['world']['emulator'],
  action: Call,
  code: string,
  marker: string,
  says: string,
  status: number,
  count?: number,
): void {
  emulator.inject({
    match: { action },
    effect: {
      kind: 'error',
      code,
      status,
      message: `${marker} arn:aws:kms:${REGION}:111122223333:key/${marker} ${says}`,
      headers: { 'x-marker': marker, 'x-amzn-errormessage': marker },
      requestId: `{${marker}}`,
    },
    ...(count === undefined ? {} : { count }),
  });
}

const malformed = (
  name: string,
  during: 'wrap' | 'unwrap',
  status: number,
  code: ProviderCode,
): Fault<AwsFixture> => ({
  row: `an answer that is ${name} (${status})`,
  during,
  inject: ({ world }: AwsFixture, marker: string) => {
    const action = during === 'wrap' ? 'Encrypt' : 'Decrypt';
    const body = name === 'not JSON' ? `<html>${marker}</html>` : `{"X": "${marker}"}`;
    world.emulator.inject({ match: { action }, effect: { kind: 'malformed', status, body } });
  },
  mend: ({ world }: AwsFixture) => world.emulator.clearFaults(),
  code,
});

/** Of wrap and unwrap. */
export const kmsFaults: Fault<AwsFixture>[] = [
  fault('DisabledException', 'Decrypt', 'KEY_DISABLED', 'is disabled'),
  fault('DisabledException', 'Decrypt', 'KEY_PENDING_DELETION', 'is pending deletion'),
  fault('KMSInvalidStateException', 'Decrypt', 'KEY_PENDING_DELETION', 'is pending deletion'),
  fault('KMSInvalidStateException', 'Decrypt', 'KEY_MATERIAL_MISSING', 'is pending import'),
  fault('KMSInvalidStateException', 'Decrypt', 'CUSTOM_STORE_DOWN', 'is unavailable'),
  fault('KMSInvalidStateException', 'Decrypt', 'UNCLASSIFIED', 'is something new'),
  fault('NotFoundException', 'Decrypt', 'KEY_NOT_FOUND'),
  fault('AccessDeniedException', 'Encrypt', 'WRAP_DENIED'),
  fault('AccessDeniedException', 'Decrypt', 'UNWRAP_DENIED'),
  fault('InvalidKeyUsageException', 'Encrypt', 'KEY_WRONG_TYPE'),
  fault('IncorrectKeyException', 'Decrypt', 'KEY_MISMATCH'),
  fault('InvalidCiphertextException', 'Decrypt', 'CONTEXT_OR_BLOB_INVALID'),
  fault('InvalidArnException', 'Decrypt', 'CONFIG_INVALID'),
  fault('ValidationException', 'Encrypt', 'CONFIG_INVALID'),
  fault('KeyUnavailableException', 'Decrypt', 'PROVIDER_TRANSIENT', '', 500),
  fault('DependencyTimeoutException', 'Decrypt', 'PROVIDER_TRANSIENT', '', 503),
  fault('KMSInternalException', 'Decrypt', 'PROVIDER_TRANSIENT', '', 500),
  fault('ThrottlingException', 'Decrypt', 'THROTTLED'),
  fault('LimitExceededException', 'Decrypt', 'THROTTLED'),
  fault('DryRunOperationException', 'Decrypt', 'UNCLASSIFIED', '', 412),
  fault('UnrecognizedClientException', 'Decrypt', 'OUR_IDENTITY'),
  fault('ExpiredTokenException', 'Decrypt', 'SESSION_EXPIRED'),
  fault('InvalidSignatureException', 'Decrypt', 'OUR_CLOCK_OR_CREDS'),
  fault('NeverSeenBeforeException', 'Decrypt', 'UNCLASSIFIED'),
  fault('NeverSeenBeforeException', 'Encrypt', 'UNCLASSIFIED', '', 500),
  malformed('not JSON', 'unwrap', 200, 'UNCLASSIFIED'),
  malformed('not JSON', 'wrap', 200, 'UNCLASSIFIED'),
  malformed('not JSON', 'unwrap', 503, 'PROVIDER_TRANSIENT'),
  malformed('without its members', 'wrap', 200, 'UNCLASSIFIED'),
  malformed('without its members', 'unwrap', 200, 'UNCLASSIFIED'),
];

/** Of the AssumeRole before them. */
export const stsFaults: Fault<AwsFixture>[] = [
  fault('AccessDenied', 'AssumeRole', 'ROLE_ASSUME_DENIED', '', 403),
  fault('RegionDisabledException', 'AssumeRole', 'REGION_NOT_ENABLED', '', 403),
  fault('InvalidClientTokenId', 'AssumeRole', 'OUR_IDENTITY', '', 403),
  fault('ExpiredTokenException', 'AssumeRole', 'SESSION_EXPIRED'),
  fault('InvalidIdentityToken', 'AssumeRole', 'OUR_IDENTITY'),
  fault('IDPRejectedClaim', 'AssumeRole', 'OUR_IDENTITY', '', 403),
  fault('IDPCommunicationError', 'AssumeRole', 'OUR_IDENTITY'),
  fault('PackedPolicyTooLarge', 'AssumeRole', 'OUR_SESSION_POLICY'),
  fault('MalformedPolicyDocument', 'AssumeRole', 'OUR_SESSION_POLICY'),
  fault('SignatureDoesNotMatch', 'AssumeRole', 'OUR_CLOCK_OR_CREDS', '', 403),
  fault('RequestTimeTooSkewed', 'AssumeRole', 'OUR_CLOCK_OR_CREDS', '', 403),
];
