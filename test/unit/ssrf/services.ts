import { EncryptCommand } from '@aws-sdk/client-kms';
import type { KeyRef } from '../../../domain/ids';
import { kmsClient } from '../../../providers/aws-kms/clients';
import { CUSTOMER_COMMANDS } from '../../../providers/aws-kms/session-policy';
import type { Egress } from '../../../providers/egress/egress';
import {
  askingEntra,
  awsProvider,
  azureProvider,
  CONTEXT,
  CREDENTIALS,
  connectionOf,
  signal,
  WITH_TOKEN,
} from './callers';
import { AWS, AZURE } from './input';

const BYTES = new Uint8Array(32);
const KID = `${AZURE.key}/${'0'.repeat(32)}` as KeyRef;

/** One call to each service that customers' connections lead to, as the product makes it. */
export const SERVICES: Readonly<
  Record<'STS' | 'KMS' | 'Key Vault' | 'Entra ID', (egress: Egress) => Promise<unknown>>
> = {
  STS: (egress) => awsProvider(egress).unwrap(connectionOf(AWS), BYTES, AWS.key as KeyRef, CONTEXT, signal()),
  KMS: (egress) =>
    kmsClient(egress, AWS.region, CREDENTIALS, CUSTOMER_COMMANDS).send(
      new EncryptCommand({ KeyId: AWS.key, Plaintext: BYTES }),
    ),
  'Key Vault': (egress) =>
    azureProvider(egress, WITH_TOKEN).unwrap(connectionOf(AZURE), BYTES, KID, CONTEXT, signal()),
  'Entra ID': (egress) =>
    azureProvider(egress, askingEntra(egress)).unwrap(connectionOf(AZURE), BYTES, KID, CONTEXT, signal()),
};
export const SERVICE_NAMES = Object.keys(SERVICES) as (keyof typeof SERVICES)[];

/** The code of ours, or the name of what the bare client threw. */
export const endOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'succeeded',
    (failure: { name: string; code?: string }) =>
      failure.name === 'ProviderFailure' ? String(failure.code) : failure.name,
  );
