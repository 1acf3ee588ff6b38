import { randomUUID } from 'node:crypto';
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { JsonObject } from '../../domain/canonical';
import { PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import type { Finding } from '../../domain/finding';
import { type AwsSetUpInput, awsKeyPolicy, awsRolePolicy, awsTrustPolicy } from '../../domain/set-up/aws';
import { createIamClient } from '../../emulators/aws/iam-client';
import { type Caller, openApi } from './deployment/api';
import { Arrangement } from './deployment/arrangement';
import type { AwsCloud } from './deployment/aws-cloud';
import { openCipher } from './deployment/cipher';
import { type Deployment, openDeployment } from './deployment/deployment';
import { QUICK, startWorkers } from './deployment/workers';

/** What a customer gets wrong in its account or types wrong: each finding names what to mend, and nothing moves. */
let deployment: Deployment;
let acme: Arrangement<AwsCloud>;
let iam: ReturnType<typeof createIamClient>;
let admin: Caller;

beforeAll(async () => {
  deployment = await openDeployment();
  await startWorkers(deployment, { settings: QUICK });
  const { cipher } = await openCipher(deployment);
  acme = await Arrangement.create(deployment, 'acme');
  await acme.setUpAccount();
  await acme.reach('setup');
  const { aws } = deployment.outside;
  const account = aws.createAccount({ name: 'acme', accountId: acme.customer.account });
  iam = createIamClient(aws.url, account.admin);
  admin = await (await openApi(deployment, cipher)).as('customer-admin', acme.organization.id);
});
afterAll(() => deployment?.close());

const key = async (input: Partial<CreateKeyCommandInput> = {}): Promise<string> => {
  const { KeyMetadata } = await acme.customer.kms.send(new CreateKeyCommand(input));
  return KeyMetadata?.Arn ?? '';
};
const role = () => acme.customer.roleArn;

/** As we print it for this key, except for the trust policy, where that is what's wrong. */
async function setUp(keyArn: string, trust?: (right: AwsSetUpInput) => JsonObject): Promise<void> {
  const input: AwsSetUpInput = {
    organization: acme.organization.id,
    externalId: acme.organization.externalId,
    ourPrincipal: deployment.runtime.config.aws.identity.arn,
    roleArn: role(),
    key: keyArn,
  };
  const RoleName = role().slice(role().lastIndexOf('/') + 1);
  const PolicyDocument = JSON.stringify((trust ?? awsTrustPolicy)(input));
  await iam.call('UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
  await iam.call('PutRolePolicy', {
    RoleName,
    PolicyName: 'wrap-and-unwrap',
    PolicyDocument: JSON.stringify(awsRolePolicy(input)),
  });
  const Policy = JSON.stringify(awsKeyPolicy(input));
  await acme.customer.kms
    .send(new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy }))
    .catch(() => undefined);
}

const submitted = (keyArn: string, region = 'eu-central-1') =>
  admin.post('/acme/activation/connection', {
    connection: {
      provider: 'aws-kms',
      region,
      key: keyArn,
      credential: { kind: 'aws-role', roleArn: role() },
    },
  });

const CASES: readonly (readonly [string, ProviderCode, () => Promise<string>, region?: string])[] = [
  [
    'an ARN of no key',
    'KEY_NOT_FOUND',
    async () => `arn:aws:kms:eu-central-1:${acme.customer.account}:key/${randomUUID()}`,
  ],
  ['a region that isn’t the key’s', 'KEY_NOT_FOUND', async () => acme.customer.keyArn, 'eu-west-1'],
  [
    'an alias to nothing',
    'KEY_NOT_FOUND',
    async () => `arn:aws:kms:eu-central-1:${acme.customer.account}:alias/nothing`,
  ],
  [
    'another account’s key',
    'WRAP_DENIED',
    async () => {
      const stranger = await Arrangement.create(deployment, 'stranger');
      return stranger.customer.keyArn;
    },
  ],
  [
    'an asymmetric key',
    'KEY_WRONG_TYPE',
    async () => {
      const arn = await key({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
      await setUp(arn);
      return arn;
    },
  ],
  [
    'a disabled key',
    'KEY_DISABLED',
    async () => {
      const arn = await key();
      await setUp(arn);
      await acme.customer.kms.send(new DisableKeyCommand({ KeyId: arn }));
      return arn;
    },
  ],
  [
    'a key that waits for its deletion',
    'KEY_PENDING_DELETION',
    async () => {
      const arn = await key();
      await setUp(arn);
      await acme.customer.kms.send(new ScheduleKeyDeletionCommand({ KeyId: arn, PendingWindowInDays: 7 }));
      return arn;
    },
  ],
  [
    'a role that doesn’t trust us',
    'ROLE_ASSUME_DENIED',
    async () => {
      const arn = await key();
      const somebody = `arn:aws:iam::${acme.customer.account}:user/admin`;
      await setUp(arn, (right) => awsTrustPolicy({ ...right, ourPrincipal: somebody }));
      return arn;
    },
  ],
  [
    'a role that asks another external ID',
    'ROLE_ASSUME_DENIED',
    async () => {
      const arn = await key();
      await setUp(arn, (right) => awsTrustPolicy({ ...right, externalId: 'somebody-elses' }));
      return arn;
    },
  ],
  [
    'a role that trusts anybody who comes through us',
    'TRUST_POLICY_OPEN',
    async () => {
      const arn = await key();
      await setUp(arn, (right) => {
        const { Statement, ...rest } = awsTrustPolicy(right) as { Statement: JsonObject[] } & JsonObject;
        return { ...rest, Statement: Statement.map(({ Condition: _, ...statement }) => statement) };
      });
      return arn;
    },
  ],
];

test.each(CASES.map(([name, code, make, region = 'eu-central-1']) => [name, code, make, region] as const))(
  '%s: %s',
  async (_, code, make, region) => {
    const arn = await make();
    const before = (await acme.entries()).length;
    expect((await submitted(arn, region)).status).toBe(202);
    const { findings, stage } = await acme.until((status) => status.findings.length > 0);
    const failed = findings.filter((finding) => finding.result === 'failed');
    expect(failed.map((finding) => finding.code)).toContain(code);
    expect(stage).toBe('verification');

    const added = (await acme.entries()).slice(before);
    const recorded = added
      .filter(({ type }) => type === 'verification-recorded')
      .flatMap(({ body }) => body['findings'] as Finding[]);
    expect(recorded.filter(({ result }) => result === 'failed')).toEqual(failed);
    const { body } = await admin.get('/acme/status');
    expect(body).toMatchObject({ custody: 'platform', currentVersion: 1 });
    expect(JSON.stringify(body)).toContain(PROVIDER_CODES[code].remedy);
  },
);

test.each([
  ['an ARN that isn’t one', 'arn:aws:kms:eu-central-1:1:key/x', 'eu-central-1', /key/],
  [
    'a multi-Region key',
    `arn:aws:kms:eu-central-1:111122223333:key/mrk-${'0'.repeat(32)}`,
    'eu-central-1',
    /key/,
  ],
  ['a region that isn’t AWS’s', '', 'xx-nowhere-1', /region/],
])('%s is refused at the door, and the field named', async (_, arn, region, field) => {
  const before = (await acme.entries()).length;
  const refused = await submitted(arn === '' ? acme.customer.keyArn : arn, region);
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({ code: 'INPUT_INVALID', detail: expect.stringMatching(field) });
  expect((await acme.entries()).filter(({ type }, i) => i >= before && type !== 'refusal')).toEqual([]);
});

test('and once all is mended, the same organization goes on', async () => {
  await acme.setUpAccount();
  expect((await submitted(acme.customer.keyArn)).status).toBe(202);
  await acme.untilAt('dry-run');
});
