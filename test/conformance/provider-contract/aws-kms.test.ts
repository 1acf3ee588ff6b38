import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { ProviderCode } from '../../../domain/codes';
import { awsKeyPolicy, awsTrustPolicy } from '../../../domain/set-up/aws';
import { type AwsFixture, awsFixture, REGION } from './aws-world';
import { type BadInput, type Fault, type OffSwitch, providerContract } from './contract';

const disable = ({ world, keyArn }: AwsFixture) =>
  world.customer.kms().send(new DisableKeyCommand({ KeyId: keyArn }));
const enable = ({ world, keyArn }: AwsFixture) =>
  world.customer.kms().send(new EnableKeyCommand({ KeyId: keyArn }));
const scheduleDeletion = ({ world, keyArn }: AwsFixture) =>
  world.customer.kms().send(new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: 7 }));
const keyPolicy = ({ world, keyArn }: AwsFixture, policy: object) =>
  world.customer
    .kms()
    .send(new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy: JSON.stringify(policy) }));
const trust = (fixture: AwsFixture, policy: object) =>
  fixture.world.customer.iam.call('UpdateAssumeRolePolicy', {
    RoleName: 'novantra-wrap',
    PolicyDocument: JSON.stringify(policy),
  });
const withoutActions = (fixture: AwsFixture, ...actions: string[]) => ({
  ...awsKeyPolicy(fixture.setUp),
  Statement: [
    ...(awsKeyPolicy(fixture.setUp)['Statement'] as object[]),
    {
      Effect: 'Deny',
      Principal: { AWS: fixture.setUp.roleArn },
      Action: actions,
      Resource: '*',
    },
  ],
});

const badInputs: BadInput<AwsFixture>[] = [
  {
    name: 'wrong ARN (no such key)',
    arrange: async ({ connect, keyArn }) => connect({ key: keyArn.replace(/[0-9a-f]{12}$/, '000000000000') }),
    check: 'wrap',
    code: 'KEY_NOT_FOUND',
  },
  {
    name: 'wrong region',
    arrange: async ({ connect }) => connect({ region: 'eu-west-1' }),
    check: 'wrap',
    code: 'KEY_NOT_FOUND',
  },
  {
    name: 'role of another partition',
    arrange: async ({ connect, setUp }) =>
      connect({ roleArn: setUp.roleArn.replace('arn:aws:', 'arn:aws-cn:') }),
    check: 'assume-role',
    code: 'CONFIG_INVALID',
  },
  {
    name: 'alias to nothing',
    arrange: async ({ connect, world }) =>
      connect({ key: `arn:aws:kms:${REGION}:${world.customer.id}:alias/nothing` }),
    check: 'wrap',
    code: 'KEY_NOT_FOUND',
  },
  {
    name: 'another account’s key without access',
    arrange: async ({ connect, world }) => connect({ key: await world.key({}, world.account('stranger')) }),
    check: 'wrap',
    code: 'WRAP_DENIED',
  },
  {
    name: 'asymmetric key',
    arrange: async (fixture) => {
      const { world, setUp, connect } = fixture;
      const Policy = JSON.stringify(awsKeyPolicy({ ...setUp }));
      const key = await world.key({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT', Policy });
      return connect({ key });
    },
    check: 'wrap',
    code: 'KEY_WRONG_TYPE',
  },
  {
    name: 'HMAC key',
    arrange: async ({ world, setUp, connect }) => {
      const Policy = JSON.stringify(awsKeyPolicy(setUp));
      return connect({
        key: await world.key({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC', Policy }),
      });
    },
    check: 'wrap',
    code: 'KEY_WRONG_TYPE',
  },
  {
    name: 'multi-Region key behind an alias',
    arrange: async ({ world, setUp, connect }) => {
      const key = await world.key({ MultiRegion: true, Policy: JSON.stringify(awsKeyPolicy(setUp)) });
      return connect({ key: await world.alias('replicated', key) });
    },
    check: 'key-identity',
    code: 'KEY_MULTI_REGION',
  },
  {
    name: 'disabled key',
    arrange: async (fixture) => {
      await disable(fixture);
      return fixture.connect();
    },
    check: 'wrap',
    code: 'KEY_DISABLED',
  },
  {
    name: 'key pending deletion',
    arrange: async (fixture) => {
      await scheduleDeletion(fixture);
      return fixture.connect();
    },
    check: 'wrap',
    code: 'KEY_PENDING_DELETION',
  },
  {
    name: 'key waiting for imported material',
    arrange: async ({ world, setUp, connect }) =>
      connect({
        key: await world.key({ Origin: 'EXTERNAL', Policy: JSON.stringify(awsKeyPolicy(setUp)) }),
      }),
    check: 'wrap',
    code: 'KEY_MATERIAL_MISSING',
  },
  {
    name: 'key policy without kms:Encrypt',
    arrange: async (fixture) => {
      await keyPolicy(fixture, withoutActions(fixture, 'kms:Encrypt'));
      return fixture.connect();
    },
    check: 'wrap',
    code: 'WRAP_DENIED',
  },
  {
    name: 'key policy without kms:Decrypt',
    arrange: async (fixture) => {
      await keyPolicy(fixture, withoutActions(fixture, 'kms:Decrypt'));
      return fixture.connect();
    },
    check: 'unwrap',
    code: 'UNWRAP_DENIED',
  },
  {
    name: 'role that doesn’t exist',
    arrange: async ({ connect, setUp }) => connect({ roleArn: `${setUp.roleArn}-gone` }),
    check: 'assume-role',
    code: 'ROLE_ASSUME_DENIED',
  },
  {
    name: 'role that doesn’t trust us',
    arrange: async (fixture) => {
      const other = `arn:aws:iam::${fixture.world.customer.id}:user/admin`;
      await trust(fixture, awsTrustPolicy({ ...fixture.setUp, ourPrincipal: other }));
      return fixture.connect();
    },
    check: 'assume-role',
    code: 'ROLE_ASSUME_DENIED',
  },
  {
    name: 'role that asks another external ID',
    arrange: async (fixture) => {
      await trust(fixture, awsTrustPolicy({ ...fixture.setUp, externalId: 'somebody-elses' }));
      return fixture.connect();
    },
    check: 'assume-role',
    code: 'ROLE_ASSUME_DENIED',
  },
];

const offSwitches: OffSwitch<AwsFixture>[] = [
  {
    name: 'disable the key',
    off: async (f) => void (await disable(f)),
    on: async (f) => void (await enable(f)),
    code: 'KEY_DISABLED',
  },
  {
    name: 'schedule deletion',
    off: async (f) => void (await scheduleDeletion(f)),
    on: async (f) => {
      await f.world.customer.kms().send(new CancelKeyDeletionCommand({ KeyId: f.keyArn }));
      await enable(f);
    },
    code: 'KEY_PENDING_DELETION',
  },
  {
    name: 'key policy without us, while our session is cached',
    off: async (f) => void (await keyPolicy(f, withoutActions(f, 'kms:Decrypt'))),
    on: async (f) => void (await keyPolicy(f, awsKeyPolicy(f.setUp))),
    code: 'UNWRAP_DENIED',
  },
  {
    name: 'custom key store disconnected',
    off: async (f) => f.world.emulator.setKeyState(f.keyArn, 'Unavailable'),
    on: async (f) => f.world.emulator.setKeyState(f.keyArn, 'Enabled'),
    code: 'CUSTOM_STORE_DOWN',
  },
];

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

const faults: Fault<AwsFixture>[] = [
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
  fault('AccessDenied', 'AssumeRole', 'ROLE_ASSUME_DENIED', '', 403),
  fault('RegionDisabledException', 'AssumeRole', 'REGION_NOT_ENABLED', '', 403),
  fault('InvalidClientTokenId', 'AssumeRole', 'OUR_IDENTITY', '', 403),
  fault('UnrecognizedClientException', 'Decrypt', 'OUR_IDENTITY'),
  fault('ExpiredTokenException', 'Decrypt', 'SESSION_EXPIRED'),
  fault('ExpiredTokenException', 'AssumeRole', 'SESSION_EXPIRED'),
  fault('InvalidIdentityToken', 'AssumeRole', 'OUR_IDENTITY'),
  fault('IDPRejectedClaim', 'AssumeRole', 'OUR_IDENTITY', '', 403),
  fault('IDPCommunicationError', 'AssumeRole', 'OUR_IDENTITY'),
  fault('PackedPolicyTooLarge', 'AssumeRole', 'OUR_SESSION_POLICY'),
  fault('MalformedPolicyDocument', 'AssumeRole', 'OUR_SESSION_POLICY'),
  fault('SignatureDoesNotMatch', 'AssumeRole', 'OUR_CLOCK_OR_CREDS', '', 403),
  fault('InvalidSignatureException', 'Decrypt', 'OUR_CLOCK_OR_CREDS'),
  fault('RequestTimeTooSkewed', 'AssumeRole', 'OUR_CLOCK_OR_CREDS', '', 403),
  fault('NeverSeenBeforeException', 'Decrypt', 'UNCLASSIFIED'),
  fault('NeverSeenBeforeException', 'Encrypt', 'UNCLASSIFIED', '', 500),
];

const malformed = (name: string, during: 'wrap' | 'unwrap', status: number, code: ProviderCode) => ({
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

providerContract('AWS KMS', {
  start: () => awsFixture(),
  badInputs,
  offSwitches,
  faults: [
    ...faults,
    malformed('not JSON', 'unwrap', 200, 'UNCLASSIFIED'),
    malformed('not JSON', 'wrap', 200, 'UNCLASSIFIED'),
    malformed('not JSON', 'unwrap', 503, 'PROVIDER_TRANSIENT'),
    malformed('without its members', 'wrap', 200, 'UNCLASSIFIED'),
    malformed('without its members', 'unwrap', 200, 'UNCLASSIFIED'),
  ],
  notThisEnvelope: 'CONTEXT_OR_BLOB_INVALID',
  hang: ({ world }) => void world.emulator.inject({ effect: { kind: 'hang' } }),
  reset: ({ world }) => void world.emulator.inject({ effect: { kind: 'reset' } }),
  mend: ({ world }) => world.emulator.clearFaults(),
});
