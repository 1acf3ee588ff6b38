import { type Connection, type ConnectionInput, newConnection } from '../../domain/connection';
import type { ProviderName } from '../../domain/custody';
import type { ConnectionId, OrganizationId } from '../../domain/ids';

/** What the configuration says of our own canaries: what a customer enters, and what we generate for one. */
export interface ControlSettings {
  readonly organization: OrganizationId;
  readonly externalId: string;
  readonly aws: { readonly region: string; readonly key: string; readonly roleArn: string } | null;
  readonly azure: { readonly tenantId: string; readonly key: string; readonly clientId: string } | null;
}

export type Canaries = Partial<Record<ProviderName, Connection>>;

/** Connections like a customer's, of an organization that has no row: whatever serves those serves these. */
export function canariesOf(settings: ControlSettings | null): Canaries {
  if (settings === null) return {};
  const { organization, externalId, aws, azure } = settings;
  const connect = (input: ConnectionInput): Connection =>
    newConnection(organization as string as ConnectionId, organization, externalId, input);
  return {
    ...(aws === null ? {} : { 'aws-kms': connect(awsInput(aws)) }),
    ...(azure === null ? {} : { 'azure-key-vault': connect(azureInput(azure)) }),
  };
}

const awsInput = ({ region, key, roleArn }: NonNullable<ControlSettings['aws']>): ConnectionInput => ({
  ...{ provider: 'aws-kms', region, key },
  credential: { kind: 'aws-role', roleArn },
});

const azureInput = ({ tenantId, key, clientId }: NonNullable<ControlSettings['azure']>): ConnectionInput => ({
  ...{ provider: 'azure-key-vault', tenantId, key },
  credential: { kind: 'azure-app', clientId },
});
