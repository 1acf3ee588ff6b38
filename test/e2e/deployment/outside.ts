import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AwsEmulator, startAwsEmulator } from '../../../emulators/aws/emulator';
import { type AzureEmulator, startAzureEmulator } from '../../../emulators/azure/emulator';
import { type Commerce, createCommerce } from '../../../emulators/commerce/commerce';
import { type Operator, setUpOperator } from '../../../scripts/story/operator';
import type { OperatorApp } from '../../../scripts/story/operator-app';

/** Everything outside our deployment: both clouds with the operator's identities in them, and the commerce system. */
export interface Outside {
  readonly aws: AwsEmulator;
  readonly azure: AzureEmulator;
  /** The authority that the emulated Azure's certificate is from. */
  readonly azureCaFile: string;
  readonly operator: Operator<OperatorApp>;
  readonly commerce: Commerce;
  close(): Promise<void>;
}

export async function openOutside(folder: string): Promise<Outside> {
  mkdirSync(folder, { recursive: true });
  const [aws, azure] = await Promise.all([startAwsEmulator(), startAzureEmulator()]);
  const azureCaFile = join(folder, 'azure-ca.pem');
  writeFileSync(azureCaFile, azure.ca);
  const [operator, commerce] = await Promise.all([setUpOperator({ aws, azure }, folder), createCommerce()]);
  const close = async (): Promise<void> => {
    await aws.close();
    await azure.close();
  };
  return { aws, azure, azureCaFile, operator, commerce, close };
}
