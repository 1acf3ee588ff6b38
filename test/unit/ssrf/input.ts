import type { ConnectionInput } from '../../../domain/connection';
import type { Hostile } from './corpus';

export const AZURE = {
  provider: 'azure-key-vault',
  tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47',
  key: 'https://acme-keys.vault.azure.net/keys/acme-root',
  credential: { kind: 'azure-app', clientId: '0d5a7d4e-0000-4000-8000-00000000000a' },
} as const;
export const AWS = {
  provider: 'aws-kms',
  region: 'eu-central-1',
  key: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1111-2222-3333-444455556666',
  credential: { kind: 'aws-role', roleArn: 'arn:aws:iam::111122223333:role/novantra-wrap' },
} as const;

/** An input that is good in all but the entry's field. Typed as if a grammar had passed it. */
export function inputWith({ field }: Hostile, text: string): ConnectionInput {
  switch (field) {
    case 'azure key':
      return { ...AZURE, key: text };
    case 'azure tenant':
      return { ...AZURE, tenantId: text };
    case 'azure client':
      return { ...AZURE, credential: { kind: 'azure-app', clientId: text } };
    case 'reference':
      return { ...AZURE, credential: { kind: 'approved', name: text } };
    case 'aws key':
      return { ...AWS, key: text };
    case 'aws region':
      return { ...AWS, region: text };
    case 'aws role':
      return { ...AWS, credential: { kind: 'aws-role', roleArn: text } };
    default: {
      const unknown: never = field;
      throw new Error(`unknown field ${String(unknown)}`);
    }
  }
}

/** An entry as typed by somebody who knows where the test listens; what fits no line is shown shortened. */
export const typed = ({ text }: Hostile, port: number): string =>
  text.replaceAll('INSIDE', `127.0.0.1:${port}`).replaceAll('PORT', String(port));
export const shown = (text: string): string =>
  JSON.stringify(text.length > 90 ? `${text.slice(0, 90)}…` : text);
