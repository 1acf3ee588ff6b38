import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { EncryptCommand } from '@aws-sdk/client-kms';
import type { Signer } from '../../../domain/ports/signer';
import { openSigner } from '../../../ledger/signer';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { type AwsCustomer, awsCustomer } from '../../../scripts/story/aws-customer';
import { adviceFor } from './advice';
import type { Arrangement } from './arrangement';

/**
 * Owns the database, and an AWS account whose role and key are set up for the victim's organization, external ID
 * and all: what is redirected there would work.
 */
export interface Attacker {
  readonly customer: AwsCustomer;
  /** Signs what our signer would, with keys of its own. */
  readonly signer: Signer;
  /** Under the attacker's key, with the victim's context. */
  wrap(bytes: Uint8Array, version: number): Promise<Buffer>;
}

export async function attackerOf({
  deployment,
  organization,
}: Pick<Arrangement, 'deployment' | 'organization'>): Promise<Attacker> {
  const { outside, runtime, folder, running } = deployment;
  const { accountId } = outside.aws.createAccount({ name: 'attacker' });
  const customer = await awsCustomer(outside.aws, { name: 'attacker', accountId });
  running.push(async () => customer.close());
  await customer.setUp(adviceFor(deployment, organization));
  const keys = mkdtempSync(join(folder, 'attacker-'));
  await createSignerKeys(join(keys, 'signer'));
  const { deployment: name, mode } = runtime.config;
  return {
    customer,
    signer: await openSigner({ folder: join(keys, 'signer'), deployment: name, mode }),
    wrap: async (Plaintext, version) => {
      const { CiphertextBlob } = await customer.kms.send(
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
