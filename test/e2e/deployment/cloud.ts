import { mkdirSync } from 'node:fs';
import { type AwsEmulator, startAwsEmulator } from '../../../emulators/aws/emulator';
import { type Commerce, createCommerce } from '../../../emulators/commerce/commerce';
import { type OperatorAccount, setUpOperatorAccount } from '../../../scripts/story/operator-account';

/** Everything outside our deployment: AWS with the operator's account in it, and the commerce system. */
export interface Outside {
  readonly aws: AwsEmulator;
  readonly operator: OperatorAccount;
  readonly commerce: Commerce;
  close(): Promise<void>;
}

export async function openOutside(folder: string): Promise<Outside> {
  mkdirSync(folder, { recursive: true });
  const aws = await startAwsEmulator();
  const [operator, commerce] = await Promise.all([setUpOperatorAccount(aws, folder), createCommerce()]);
  return { aws, operator, commerce, close: () => aws.close() };
}
