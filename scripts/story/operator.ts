import type { AzureDoor } from '../../emulators/azure/door-client';
import type { Control } from '../../runtime/control';
import { setUpCanary } from './canary';
import type { Emulators } from './customer';
import { type OperatorAccount, setUpOperatorAccount } from './operator-account';
import { type OperatorApp, setUpOperatorApp } from './operator-app';

/** The operator's own identities at the clouds, and the canary that customers' refusals are compared with. */
export interface Operator<App extends OperatorApp | null = OperatorApp | null> {
  readonly account: OperatorAccount;
  readonly app: App;
  readonly canary: Control;
}

interface Clouds<Azure extends AzureDoor | null> {
  readonly aws: Emulators['aws'];
  readonly azure: Azure;
}

/** Idempotent: what's there stays. @param folder for files with credentials */
export function setUpOperator(clouds: Clouds<AzureDoor>, folder: string): Promise<Operator<OperatorApp>>;
export function setUpOperator(clouds: Clouds<null>, folder: string): Promise<Operator<null>>;
export async function setUpOperator(clouds: Clouds<AzureDoor | null>, folder: string): Promise<Operator> {
  const { aws, azure } = clouds;
  const [account, app] = await Promise.all([
    setUpOperatorAccount(aws, folder),
    azure === null ? null : setUpOperatorApp(azure, folder),
  ]);
  const letIn = { principalArn: account.principal.arn, clientId: app?.clientId ?? null };
  return { account, app, canary: await setUpCanary(clouds, folder, letIn) };
}
