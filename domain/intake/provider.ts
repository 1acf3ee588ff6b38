import type { ProviderName } from '../custody';

/** Whose key an identifier is, by its form alone; `null` for neither form. Says nothing about its grammar. */
export function providerOfKey(key: string): ProviderName | null {
  if (/^arn:/i.test(key)) return 'aws-kms';
  if (/^https?:\/\//i.test(key)) return 'azure-key-vault';
  return null;
}

/** What to say where it's neither. */
export const KEY_FORMS =
  'must be a key ARN (arn:aws:kms:REGION:ACCOUNT:key/ID) or a Key Vault key identifier (https://VAULT.vault.azure.net/keys/NAME)';
