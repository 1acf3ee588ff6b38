import { type Command, Option } from 'commander';
import type { AwsPolicy, AzurePolicy, Client } from '../../api/client';
import type { ConnectionInput } from '../../domain/connection';
import type { AddCommand, Outcome, Run } from '../command';
import { type ConnectionChoice, type ConnectionOptions, connectionChoice } from '../connection-choice';
import { Declined } from '../failure';
import { type ActionOptions, follow, openOperation } from '../follow';
import { asAction, forOrganization } from '../options';
import { type StartOptions, startOperation, withWait } from '../start';
import { awsPolicyText, azurePolicyText } from '../words/policy';

/** `smsk connection policy|set|change` */
export const connection: AddCommand = (program, act) => {
  const group = program.command('connection').description('the customer’s key service');
  act(
    withKey(forOrganization(group.command('policy'))).description(
      'print what to set up at the provider for a key: exact policies or role, and commands with their checks',
    ),
    policy,
  );
  act(
    withKey(asAction(group.command('set')))
      .addOption(new Option('--region <region>', 'AWS: the key’s region; the ARN’s, unless given'))
      .description('enter the key and who uses it, and print what both need'),
    set,
  );
  act(
    withWait(forOrganization(group.command('change'))).description(
      'start a change of connection: to another key, account or provider; then `smsk connection set`',
    ),
    (run: Run, options: StartOptions) =>
      startOperation(run, options, 'change-connection', run.client.startConnectionChange),
  );
};

const withKey = (command: Command): Command =>
  command
    .requiredOption(
      '--key <id>',
      'AWS: full ARN of the key or an alias. Azure: key identifier without version',
    )
    .option('--role <arn>', 'AWS: ARN of the role we assume')
    .option('--tenant <id>', 'Azure: id of the vault’s tenant')
    .option('--app <id>', 'Azure: client id of the app that calls; ours, unless given')
    .option('--credential <approved:name>', 'a registered credential reference, instead of role or app')
    .option('--identity <arn>', 'AWS: the IAM user or role it stands for; the registered one, unless given');

type KeyOptions = ConnectionOptions & { readonly org: string };

interface Printed {
  readonly policies: AwsPolicy | AzurePolicy;
  readonly text: string;
}

async function policy({ client }: Run, options: KeyOptions): Promise<Outcome> {
  const { policies, text } = await policyOf(client, options.org, connectionChoice(options));
  return { json: policies, text };
}

async function set(run: Run, options: KeyOptions & ActionOptions): Promise<Outcome> {
  const { client } = run;
  const { org, idempotencyKey } = options;
  const choice = connectionChoice(options);
  const { policies, text } = await policyOf(client, org, choice);
  const { status, operation } = await openOperation(client, org);
  const accepted = await client.submitConnection(
    org,
    { operationId: operation.id, connection: inputOf(choice, policies) },
    { idempotencyKey },
  );
  const outcome = await follow(run, accepted, status, options, 'connection recorded');
  return {
    ...outcome,
    json: { ...(outcome.json as object), policies },
    text: `${text}\n${outcome.text}`,
  };
}

async function policyOf(client: Client, org: string, choice: ConnectionChoice): Promise<Printed> {
  const { key } = choice;
  if (choice.provider === 'azure-key-vault') {
    const { tenantId: tenant, app, reference } = choice;
    const credential = reference === null ? undefined : `approved:${reference}`;
    const policies = await client.azurePolicy(org, { key, tenant, app: app ?? undefined, credential });
    return { policies, text: azurePolicyText(policies) };
  }
  const { credential, identity } = choice;
  const policies = await client.awsPolicy(
    org,
    credential.kind === 'approved'
      ? { key, credential: `approved:${credential.name}`, identity: identity ?? undefined }
      : { key, role: credential.roleArn },
  );
  return { policies, text: awsPolicyText(policies) };
}

/** @throws Declined where no app is named for the organization's vault */
function inputOf(choice: ConnectionChoice, policies: AwsPolicy | AzurePolicy): ConnectionInput {
  if (choice.provider === 'aws-kms') {
    const { provider, key, region, credential } = choice;
    return { provider, key, region, credential };
  }
  const { provider, key, tenantId, reference } = choice;
  if (reference !== null)
    return { provider, key, tenantId, credential: { kind: 'approved', name: reference } };
  const clientId = policies.provider === 'azure-key-vault' ? policies.clientId : null;
  if (clientId === null) throw new Declined('the server names no app for this vault', 'give --app');
  return { provider, key, tenantId, credential: { kind: 'azure-app', clientId } };
}
