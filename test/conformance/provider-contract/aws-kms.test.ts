import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { awsKeyPolicy, awsTrustPolicy } from '../../../domain/set-up/aws';
import { kmsFaults, stsFaults } from './aws-faults';
import { type AwsFixture, awsFixture, REGION } from './aws-world';
import { type BadInput, type OffSwitch, providerContract } from './contract';

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

providerContract('AWS KMS', {
  start: () => awsFixture(),
  badInputs,
  offSwitches,
  notThisEnvelope: 'CONTEXT_OR_BLOB_INVALID',
  disturbances: {
    faults: [...kmsFaults, ...stsFaults],
    hang: ({ world }) => void world.emulator.inject({ effect: { kind: 'hang' } }),
    reset: ({ world }) => void world.emulator.inject({ effect: { kind: 'reset' } }),
    mend: ({ world }) => world.emulator.clearFaults(),
  },
});
