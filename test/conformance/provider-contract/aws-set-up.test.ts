import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { DescribeKeyCommand, DisableKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { isClean } from '../../../domain/finding';
import type { OrganizationId } from '../../../domain/ids';
import { awsKeyPolicy, awsRolePolicy, awsSetUpText, awsTrustPolicy } from '../../../domain/set-up/aws';
import { type AwsFixture, awsFixture } from './aws-world';

/** The commands of the text as a shell would run them: `aws` only writes down its arguments. */
function commandsOf(text: string): string[][] {
  const aws = `aws() { if [ "$2" = describe-key ]; then echo RESOLVED; return; fi; printf '%s\\037' "$@"; printf '\\036'; }`;
  const out = execFileSync('/bin/sh', ['-euc', `${aws}\n${text}`], { encoding: 'utf8' });
  return out
    .split('\x1e')
    .filter((command) => command !== '')
    .map((command) => command.split('\x1f').slice(0, -1));
}
const optionOf = (command: string[] | undefined, option: string): string =>
  command?.[command.indexOf(option) + 1] ?? '';

describe.each([
  { byAlias: false, by: 'key ARN' },
  { byAlias: true, by: 'alias ARN' },
])('the printed set-up, by $by', ({ byAlias }) => {
  let fixture: AwsFixture;
  beforeEach(async () => {
    fixture = await awsFixture({ byAlias });
  });
  afterEach(() => fixture.close());

  test('pasted verbatim it passes verification', async () => {
    const { verifier, connection } = fixture;
    const { findings } = await verifier.verify(
      { ...connection, pinnedKeyRef: null },
      new AbortController().signal,
    );
    expect(isClean(findings)).toBe(true);
  });

  test('it locks nobody out: the account’s administrator still runs the key and changes its policy', async () => {
    const { world, keyArn, setUp } = fixture;
    const admin = world.customer.kms();
    const Policy = JSON.stringify(awsKeyPolicy(setUp));
    await admin.send(new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy }));
    await admin.send(new DescribeKeyCommand({ KeyId: keyArn }));
    await admin.send(new DisableKeyCommand({ KeyId: keyArn }));
  });

  test('the shell text carries exactly these policies', () => {
    const { setUp } = fixture;
    const [role, rolePolicy, keyPolicy, ...rest] = commandsOf(awsSetUpText(setUp));
    expect(rest).toEqual([]);
    expect(role?.slice(0, 6)).toEqual(['iam', 'create-role', '--role-name', 'novantra-wrap', '--path', '/']);
    expect(JSON.parse(optionOf(role, '--assume-role-policy-document'))).toEqual(awsTrustPolicy(setUp));
    expect(JSON.parse(optionOf(rolePolicy, '--policy-document'))).toEqual(awsRolePolicy(setUp));
    expect(JSON.parse(optionOf(keyPolicy, '--policy'))).toEqual(awsKeyPolicy(setUp));
    expect(optionOf(keyPolicy, '--key-id')).toBe(byAlias ? 'RESOLVED' : setUp.key);
  });

  test('another organization’s envelopes are out of the role’s reach, by key policy and by its own', async () => {
    const { provider, connection } = fixture;
    const foreign = {
      organization: randomUUID() as OrganizationId,
      purpose: 'workspace-key',
      keyVersion: 1,
    } as unknown as Parameters<typeof provider.wrap>[2];
    await expect(
      provider.wrap(connection, new Uint8Array(32), foreign, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'WRAP_DENIED' });
  });
});

test('a role’s path and names are kept, and nothing can end a quote', () => {
  const text = awsSetUpText({
    organization: randomUUID() as OrganizationId,
    externalId: "x'; touch /tmp/never; '",
    ourPrincipal: 'arn:aws:iam::999999999999:role/novantra',
    roleArn: "arn:aws:iam::111122223333:role/te'am/sub/wrap",
    key: 'arn:aws:kms:eu-central-1:111122223333:key/0d2f1c34-6c0f-4d56-8f1b-2f3a6c4f9e10',
  });
  const [role] = commandsOf(text);
  expect(optionOf(role, '--path')).toBe("/te'am/sub/");
  expect(optionOf(role, '--role-name')).toBe('wrap');
  expect(optionOf(role, '--assume-role-policy-document')).toContain('touch /tmp/never');
});
