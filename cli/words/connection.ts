import type { ConnectionInput } from '../../domain/connection';
import { azureKeyParts } from '../../domain/intake/azure';

type Row = [string, string | null];

/** Everything of a connection that somebody answers for when signing: which key, where, and who uses it. */
export function connectionRows(input: ConnectionInput, pinned: string | null): Row[] {
  const key: Row[] = [
    ['key', input.key],
    ['pinned to', pinned],
  ];
  switch (input.provider) {
    case 'aws-kms':
      return [['provider', `aws-kms, ${input.region}`], ...key, credentialRow(input.credential)];
    case 'azure-key-vault':
      return [
        ['provider', `azure-key-vault, ${azureKeyParts(input.key).cloud} cloud`],
        ['tenant', input.tenantId],
        ...key,
        credentialRow(input.credential),
      ];
    default: {
      const unknown: never = input;
      throw new Error(`unknown provider ${String(unknown)}`);
    }
  }
}

/** The identity we act as; never more than its name. */
function credentialRow(credential: ConnectionInput['credential']): Row {
  switch (credential.kind) {
    case 'aws-role':
      return ['role', credential.roleArn];
    case 'azure-app':
      return ['app', credential.clientId];
    case 'approved':
      return ['credential', `approved:${credential.name}`];
    default: {
      const unknown: never = credential;
      throw new Error(`unknown credential ${String(unknown)}`);
    }
  }
}
