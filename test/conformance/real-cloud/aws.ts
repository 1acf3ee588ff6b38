import { randomBytes, randomUUID } from 'node:crypto';
import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { type AwsConnection, awsConnectionInput, newConnection } from '../../../domain/connection';
import type { ConnectionId, KeyRef, OrganizationId } from '../../../domain/ids';
import { awsKeyParts } from '../../../domain/intake/aws';
import { createAwsKmsProvider } from '../../../providers/aws-kms/provider';
import { createAwsKmsVerifier } from '../../../providers/aws-kms/verifier';
import type { CallRecord } from '../../../providers/calls/call';
import { chainIdentity, fileIdentity } from '../../../providers/credentials/aws';
import type { Egress } from '../../../providers/egress/egress';
import { notReferenced } from '../../harness/no-references';
import type { BadInput, OffSwitch, ProviderFixture } from '../provider-contract/contract';
import type { RealAws } from './settings';

export interface RealAwsFixture extends ProviderFixture {
  readonly roleArn: string;
  connect(changes: { readonly roleArn?: string; readonly externalId?: string }): AwsConnection;
}

/** A customer's real account that was set up as `smsk connection policy` prints, and the provider over it. */
export function realAwsFixture(settings: RealAws, egress: Egress): RealAwsFixture {
  const { roleArn, keyArn, externalId, organization, identityFile } = settings;
  const { region } = awsKeyParts(keyArn);
  const records: CallRecord[] = [];
  const options = {
    egress,
    identity: identityFile === null ? chainIdentity(egress, region) : fileIdentity(identityFile),
    referencedOf: notReferenced,
    clock: Date.now,
    random: (size: number) => randomBytes(size),
    observe: (record: CallRecord) => void records.push(record),
    processTag: 'contract',
  };
  const connect: RealAwsFixture['connect'] = (changes) => {
    const input = awsConnectionInput.parse({
      ...{ provider: 'aws-kms', region, key: keyArn },
      credential: { kind: 'aws-role', roleArn: changes.roleArn ?? roleArn },
    });
    const id = randomUUID() as ConnectionId;
    return newConnection(id, organization as OrganizationId, changes.externalId ?? externalId, input);
  };
  return {
    roleArn,
    connect,
    records,
    provider: createAwsKmsProvider(options),
    verifier: createAwsKmsVerifier(options),
    connection: { ...connect({}), pinnedKeyRef: keyArn as KeyRef },
    close: async () => undefined,
  };
}

/** Those that nothing has to be changed for. */
export const awsBadInputs: readonly BadInput<RealAwsFixture>[] = [
  {
    name: 'role that doesn’t exist',
    arrange: async ({ connect, roleArn }) =>
      connect({ roleArn: roleArn.replace(/[^/]+$/, 'smsk-no-such-role') }),
    check: 'assume-role',
    code: 'ROLE_ASSUME_DENIED',
  },
  {
    name: 'role that asks another external ID',
    arrange: async ({ connect }) => connect({ externalId: randomBytes(16).toString('hex') }),
    check: 'assume-role',
    code: 'ROLE_ASSUME_DENIED',
  },
];

export interface AwsAdministration extends RealAws {
  /** Credentials that may switch the key's states, as `fileIdentity` reads them. */
  readonly adminFile: string;
  readonly egress: Egress;
}

/** The key's own states: policies of a real account aren't rewritten. @param administration asked for at each switch */
export function awsOffSwitches(
  administration: () => AwsAdministration,
): readonly OffSwitch<RealAwsFixture>[] {
  const send = async (change: (kms: KMSClient, KeyId: string) => Promise<unknown>): Promise<void> => {
    const { keyArn, adminFile, egress } = administration();
    const { region } = awsKeyParts(keyArn);
    const credentials = fileIdentity(adminFile);
    const kms = new KMSClient({
      ...egress.aws('kms', region),
      ...{ region, credentials: () => credentials(), maxAttempts: 2 },
    });
    await change(kms, keyArn);
  };
  const enable = () => send((kms, KeyId) => kms.send(new EnableKeyCommand({ KeyId })));
  return [
    {
      name: 'disable the key',
      off: () => send((kms, KeyId) => kms.send(new DisableKeyCommand({ KeyId }))),
      on: enable,
      code: 'KEY_DISABLED',
    },
    {
      name: 'schedule deletion',
      off: () =>
        send((kms, KeyId) => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 30 }))),
      on: async () => {
        await send((kms, KeyId) => kms.send(new CancelKeyDeletionCommand({ KeyId })));
        await enable();
      },
      code: 'KEY_PENDING_DELETION',
    },
  ];
}
