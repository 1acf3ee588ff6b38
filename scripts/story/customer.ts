import type { ConnectionInput } from '../../domain/connection';
import type { ProviderName } from '../../domain/custody';
import type { AzureDoor } from '../../emulators/azure/door-client';
import { awsCustomer } from './aws-customer';
import { azureCustomer } from './azure-customer';

/** The customer's security team, in its own emulated account, with the provider's official SDK. */
export interface Customer {
  readonly provider: ProviderName;
  /** Its AWS account or its Entra tenant. */
  readonly account: string;
  /** Does what our set-up text says, with the documents it prints verbatim. May be repeated. */
  setUp(advice: Advice): Promise<void>;
  /** The key as it's entered: an ARN, or a key identifier without version. @throws Error while there's none */
  key(): string;
  /** What its admin enters once it's set up. @throws Error before that */
  connection(): ConnectionInput;
  /** The off-switch, and back. */
  disableKey(): Promise<void>;
  enableKey(): Promise<void>;
  /** Turns the key over: a new version at Azure, new material behind the same ARN at AWS. */
  rotateKey(): Promise<void>;
  /** Switches off all versions but the newest, where there are any. */
  disableOldVersions(): Promise<void>;
  /** Changes what our verification found, while data is read and written; and back. May be repeated. */
  readonly drift: { begin(): Promise<void>; end(): Promise<void> };
  /** Ends its connections. */
  close(): void;
}

/** What `smsk connection policy` answers, for whoever has an account with that provider. */
export interface Advice {
  aws(about: { readonly key: string; readonly roleArn: string }): Promise<AwsAdvice>;
  /** A name for the key, which says whose it is. */
  azureKeyName(about: { readonly vaultUri: string; readonly tenantId: string }): Promise<string>;
  azure(about: { readonly key: string; readonly tenantId: string }): Promise<AzureAdvice>;
}

/** JSON, to be pasted as it is. */
type Document = Readonly<Record<string, unknown>>;

export interface AwsAdvice {
  readonly trustPolicy: Document;
  readonly rolePolicy: Document;
  readonly keyPolicy: Document;
}

export interface AzureAdvice {
  /** Of the operator's app. */
  readonly clientId: string;
  readonly roleDefinition: Document;
}

/** The clouds that customers have their accounts in. */
export interface Emulators {
  readonly aws: { readonly url: string; readonly controlToken: string };
  readonly azure: AzureDoor;
}

/** Whom to find, or else to make. */
export interface Wanted {
  readonly name: string;
  readonly provider: ProviderName;
  /** AWS account id or Entra tenant id. */
  readonly account: string;
}

export function customerIn(emulators: Emulators, { name, provider, account }: Wanted): Promise<Customer> {
  switch (provider) {
    case 'aws-kms':
      return awsCustomer(emulators.aws, { name, accountId: account, byAlias: true });
    case 'azure-key-vault':
      return azureCustomer(emulators.azure, { name, tenantId: account });
    default: {
      const unknown: never = provider;
      throw new Error(`unknown provider ${String(unknown)}`);
    }
  }
}
