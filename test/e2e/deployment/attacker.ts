import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Signer } from '../../../domain/ports/signer';
import { awsKeyPolicy, awsRolePolicy, awsTrustPolicy } from '../../../domain/set-up/aws';
import { openSigner } from '../../../ledger/signer';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { CUSTOMER_REGION, type Customer, customerIn } from '../../../scripts/story/customer';
import type { Arrangement } from './arrangement';

/**
 * Owns the database, and an AWS account whose role and key are set up for the victim's organization, external ID
 * and all: what is redirected there would work.
 */
export interface Attacker {
  readonly customer: Customer;
  /** Signs what our signer would, with keys of its own. */
  readonly signer: Signer;
  /** Under the attacker's key, with the victim's context. */
  wrap(bytes: Uint8Array, version: number): Promise<Buffer>;
}

export async function attackerOf({ deployment, organization }: Arrangement): Promise<Attacker> {
  const { outside, runtime, folder, running } = deployment;
  const { accountId, admin: credentials } = outside.aws.createAccount({ name: 'attacker' });
  const customer = await customerIn(outside.aws, { name: 'attacker', accountId }, null);
  const input = {
    organization: organization.id,
    externalId: organization.externalId,
    ourPrincipal: runtime.config.aws.identity.arn,
    roleArn: customer.roleArn,
    key: customer.keyArn,
  };
  await customer.paste({
    trust: JSON.stringify(awsTrustPolicy(input)),
    role: JSON.stringify(awsRolePolicy(input)),
    key: JSON.stringify(awsKeyPolicy(input)),
  });
  const keys = mkdtempSync(join(folder, 'attacker-'));
  await createSignerKeys(join(keys, 'signer'));
  const { deployment: name, mode } = runtime.config;
  const kms = new KMSClient({ region: CUSTOMER_REGION, endpoint: outside.aws.url, credentials });
  running.push(async () => kms.destroy());
  return {
    customer,
    signer: await openSigner({ folder: join(keys, 'signer'), deployment: name, mode }),
    wrap: async (Plaintext, version) => {
      const { CiphertextBlob } = await kms.send(
        new EncryptCommand({
          KeyId: customer.keyArn,
          Plaintext,
          EncryptionContext: {
            'smsk:org': organization.id,
            'smsk:purpose': 'workspace-key',
            'smsk:key-version': String(version),
          },
        }),
      );
      return Buffer.from(CiphertextBlob ?? []);
    },
  };
}
