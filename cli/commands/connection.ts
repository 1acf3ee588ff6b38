import type { ConnectionPolicy } from '../../api/client';
import { awsKeyIdentifier, awsKeyParts } from '../../domain/intake/aws';
import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';
import { type ActionOptions, follow, openActivation } from '../follow';
import { asAction, forOrganization } from '../options';

/** `smsk connection policy|set` */
export const connection: AddCommand = (program, act) => {
  const group = program.command('connection').description('the customer’s key service');
  act(
    forOrganization(group.command('policy'))
      .requiredOption('--key <arn>', 'full ARN of the key, or of an alias')
      .requiredOption('--role <arn>', 'ARN of the role we assume')
      .description('print the exact key policy, trust policy and role policy to paste'),
    policy,
  );
  act(
    asAction(group.command('set'))
      .requiredOption('--key <arn>', 'full ARN of the key, or of an alias')
      .requiredOption('--role <arn>', 'ARN of the role we assume')
      .option('--region <region>', 'the key’s region; the ARN’s, unless given')
      .description('enter the key and the role, and print the policies they need'),
    set,
  );
};

interface KeyOptions {
  readonly org: string;
  readonly key: string;
  readonly role: string;
}

async function policy({ client }: Run, { org, key, role }: KeyOptions): Promise<Outcome> {
  const policies = await client.connectionPolicy(org, key, role);
  return { json: policies, text: policyText(policies) };
}

async function set(run: Run, options: KeyOptions & ActionOptions & { region?: string }): Promise<Outcome> {
  const { client } = run;
  const { org, key, role, idempotencyKey } = options;
  const region = options.region ?? regionOf(key);
  const policies = await client.connectionPolicy(org, key, role);
  const { status, operation } = await openActivation(client, org);
  const accepted = await client.submitConnection(
    org,
    {
      operationId: operation.id,
      connection: { provider: 'aws-kms', region, key, credential: { kind: 'aws-role', roleArn: role } },
    },
    { idempotencyKey },
  );
  const outcome = await follow(run, accepted, status, options, 'connection recorded');
  return {
    ...outcome,
    json: { ...(outcome.json as object), policies },
    text: `${policyText(policies)}\n${outcome.text}`,
  };
}

function regionOf(key: string): string {
  const parsed = awsKeyIdentifier.safeParse(key);
  if (!parsed.success)
    throw new Declined(
      `--key ${parsed.error.issues[0]?.message ?? 'is not a key ARN'}`,
      'give the full ARN',
      EXIT.usage,
    );
  return awsKeyParts(parsed.data).region;
}

function policyText({
  principalArn,
  externalId,
  keyPolicy,
  trustPolicy,
  rolePolicy,
  text,
}: ConnectionPolicy): string {
  const json = (policy: unknown) => JSON.stringify(policy, null, 2);
  return [
    `We come as   ${principalArn}`,
    `external ID  ${externalId}`,
    '',
    'KEY POLICY (replaces the key’s present one; its first statement keeps you its administrator)',
    json(keyPolicy),
    '',
    'TRUST POLICY of the role',
    json(trustPolicy),
    '',
    'PERMISSIONS of the role',
    json(rolePolicy),
    '',
    'THE SAME WITH THE AWS CLI',
    text,
  ].join('\n');
}
