import { readFileSync } from 'node:fs';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { PLATFORM_REGION } from '../../../scripts/story/deployment';
import type { Deployment } from './deployment';

/** Every identity there is in the operator's account, its administrator included, as raw KMS clients. */
export function operatorIdentities({ outside, running }: Deployment): Map<string, KMSClient> {
  const { aws } = outside;
  const { account: operator } = outside.operator;
  const { admin } = aws.createAccount({ name: 'operator', accountId: operator.account });
  const credentials = new Map([['admin', admin as { accessKeyId: string; secretAccessKey: string }]]);
  for (const name of ['principal', 'content', 'control'] as const) {
    const { file } = operator[name];
    credentials.set(name, JSON.parse(readFileSync(file, 'utf8')));
  }
  const clients = new Map<string, KMSClient>();
  for (const [name, each] of credentials) {
    const endpoint = aws.url;
    clients.set(
      name,
      new KMSClient({ region: PLATFORM_REGION, endpoint, credentials: each, maxAttempts: 1 }),
    );
  }
  running.push(async () => {
    for (const client of clients.values()) client.destroy();
  });
  return clients;
}

/** What the identity got out of it, or the name of the error. */
export async function triesToUnwrap(
  client: KMSClient,
  wrapped: Uint8Array,
  context: { organization: string; version: number },
  keyId: string | undefined,
): Promise<string> {
  try {
    const { Plaintext } = await client.send(
      new DecryptCommand({
        CiphertextBlob: wrapped,
        ...(keyId === undefined ? {} : { KeyId: keyId }),
        EncryptionContext: {
          'smsk:org': context.organization,
          'smsk:purpose': 'workspace-key',
          'smsk:key-version': String(context.version),
        },
      }),
    );
    return `unwrapped ${Plaintext?.length ?? 0} bytes`;
  } catch (error) {
    return error instanceof Object && 'name' in error ? String(error.name) : 'unknown';
  }
}
