import { execFileSync } from 'node:child_process';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import type { OrganizationId } from '../../../domain/ids';
import { awsOwnIdentity } from '../../../domain/set-up/aws-own-identity';
import { element } from '../../../emulators/aws/iam-client';
import { type Cloud, type Person, refusal, startCloud } from '../aws-emulator/cloud';

const ACME = '6f1c1d2e-0000-4000-8000-000000000001' as OrganizationId;
const CONTEXT = { 'smsk:org': ACME };
const PLAIN = Buffer.alloc(32, 7);

let cloud: Cloud;
let customer: Person;
let keyArn: string;
beforeEach(async () => {
  cloud = await startCloud();
  customer = cloud.admin('acme');
  const { KeyMetadata } = await customer.kms.send(new CreateKeyCommand({}));
  keyArn = KeyMetadata?.Arn ?? '';
});
afterEach(() => cloud.close());

/** The commands of the text as a shell would run them: `aws` only writes down its arguments. */
function commandsOf(text: string): string[][] {
  const aws = `aws() { if [ "$2" = describe-key ]; then echo RESOLVED; return; fi; printf '%s\\037' "$@"; printf '\\036'; }`;
  const out = execFileSync('/bin/sh', ['-euc', `${aws}\n${text}`], { encoding: 'utf8' });
  const commands = out.split('\x1e').filter((command) => command !== '');
  return commands.map((command) => command.split('\x1f').slice(0, -1));
}
const optionOf = (command: readonly string[], option: string): string =>
  command[command.indexOf(option) + 1] ?? '';

/** What the administrator pastes, done by the official calls. */
async function carryOut(text: string): Promise<string[]> {
  const done: string[] = [];
  for (const command of commandsOf(text)) {
    const [, name = ''] = command;
    done.push(name);
    const policy = { PolicyName: optionOf(command, '--policy-name') };
    if (name === 'create-user')
      await customer.iam.call('CreateUser', {
        UserName: optionOf(command, '--user-name'),
        Path: optionOf(command, '--path'),
      });
    else if (name === 'put-user-policy')
      await customer.iam.call('PutUserPolicy', {
        ...policy,
        UserName: optionOf(command, '--user-name'),
        PolicyDocument: optionOf(command, '--policy-document'),
      });
    else if (name === 'put-role-policy')
      await customer.iam.call('PutRolePolicy', {
        ...policy,
        RoleName: optionOf(command, '--role-name'),
        PolicyDocument: optionOf(command, '--policy-document'),
      });
    else if (name === 'put-key-policy')
      await customer.kms.send(
        new PutKeyPolicyCommand({
          ...policy,
          KeyId: optionOf(command, '--key-id').replace('RESOLVED', keyArn),
          Policy: optionOf(command, '--policy'),
        }),
      );
    else throw new Error(`not carried out: ${name}`);
  }
  return done;
}

async function userNamed(name: string): Promise<Person> {
  const xml = await customer.iam.call('CreateAccessKey', { UserName: name });
  return cloud.person(customer.account, {
    accessKeyId: element(xml, 'AccessKeyId') ?? '',
    secretAccessKey: element(xml, 'SecretAccessKey') ?? '',
  });
}

test.each([
  { by: 'key ARN', alias: null },
  { by: 'alias ARN', alias: 'alias/acme' },
])(
  'an IAM user set up as printed, by $by, wraps and unwraps for its organization, and does nothing else',
  async ({ alias }) => {
    if (alias !== null)
      await customer.kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyArn }));
    const key = alias === null ? keyArn : keyArn.replace(/key\/.*/, alias);
    const identity = `arn:aws:iam::${customer.account}:user/smsk/novantra-wrap`;
    const { text } = awsOwnIdentity({ organization: ACME, identity, key });
    expect(await carryOut(text)).toEqual(['create-user', 'put-user-policy', 'put-key-policy']);

    const { kms } = await userNamed('novantra-wrap');
    const sealed = { KeyId: key, EncryptionContext: CONTEXT };
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ ...sealed, Plaintext: PLAIN }));
    const { Plaintext } = await kms.send(new DecryptCommand({ ...sealed, CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? [])).toEqual(PLAIN);

    const { KeyMetadata: another } = await customer.kms.send(new CreateKeyCommand({}));
    const foreign = { 'smsk:org': '6f1c1d2e-0000-4000-8000-000000000002' };
    const attempts = [
      () => kms.send(new EncryptCommand({ KeyId: key, EncryptionContext: foreign, Plaintext: PLAIN })),
      () => kms.send(new EncryptCommand({ KeyId: key, Plaintext: PLAIN })),
      () => kms.send(new EncryptCommand({ ...sealed, KeyId: another?.Arn ?? '', Plaintext: PLAIN })),
      () => kms.send(new DescribeKeyCommand({ KeyId: keyArn })),
      () => kms.send(new DisableKeyCommand({ KeyId: keyArn })),
      () => kms.send(new ListKeysCommand({})),
    ];
    for (const attempt of attempts) expect((await refusal(attempt())).name).toBe('AccessDeniedException');
    await customer.kms.send(new DescribeKeyCommand({ KeyId: keyArn }));
  },
);

test('a role’s text makes neither role nor user, and says that we don’t assume it', async () => {
  const identity = `arn:aws:iam::${customer.account}:role/team/novantra-wrap`;
  const { text, keyPolicy } = awsOwnIdentity({ organization: ACME, identity, key: keyArn });
  const commands = commandsOf(text);
  expect(commands.map(([, name]) => name)).toEqual(['put-role-policy', 'put-key-policy']);
  expect(optionOf(commands[0] ?? [], '--role-name')).toBe('novantra-wrap');
  expect(JSON.stringify(keyPolicy)).toContain(
    `"Sid":"RoleWrapsAndUnwraps","Effect":"Allow","Principal":{"AWS":"${identity}"}`,
  );
  expect(text).toContain('We don’t assume it');
  expect(text).toContain('"sessionToken"');
});

test('no command makes or prints a secret, and nothing can end a quote', () => {
  const identity = "arn:aws:iam::111122223333:user/te'am/novantra-wrap";
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/0d2f1c34-6c0f-4d56-8f1b-2f3a6c4f9e10';
  const commands = commandsOf(awsOwnIdentity({ organization: ACME, identity, key }).text);
  expect(commands.map(([, name]) => name)).not.toContain('create-access-key');
  expect(optionOf(commands[0] ?? [], '--path')).toBe("/te'am/");
});
