import { z } from 'zod';

/** Words of at most 16 lower-case letters and digits: it is no path, and not long enough at a stretch for a secret. */
const NAME = '[a-z][a-z0-9]{0,15}(?:-[a-z0-9]{1,16}){0,5}';
const LOCATOR = new RegExp(
  `^(?:(file):(${NAME}(?:\\.[a-z]{2,4})?)|(aws|azure):(${NAME})(?:@([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?)$`,
);

export type CredentialSource =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'aws' | 'azure'; readonly name: string; readonly version: string | null };

/**
 * Where a credential lies: the kind of source, then a name in the one place of that kind that the configuration names
 * (a folder, an account and region of AWS Secrets Manager, a vault), so that a locator leads nowhere else.
 *
 *     file:globex-app.json    aws:globex-wrap    azure:globex-app    azure:globex-app@<version>
 *
 * A version is AWS's (a UUID) or Azure's (32 hex digits). Without one, what is current counts, and the credential can
 * be rotated where it lies.
 */
export const credentialLocator = z
  .string()
  .max(160)
  .refine(
    (text) => sourceIn(text) !== null,
    'must be file:NAME, aws:NAME or azure:NAME, where the operator keeps the credential: never the credential itself',
  );

/** Parts of a locator that `credentialLocator` accepted. */
export function credentialSource(locator: string): CredentialSource {
  const source = sourceIn(locator);
  if (source === null) throw new Error('not a credential locator');
  return source;
}

function sourceIn(text: string): CredentialSource | null {
  const [whole, file, fileName = '', kind, name = '', version = null] = LOCATOR.exec(text) ?? [];
  if (whole === undefined) return null;
  if (file !== undefined) return { kind: 'file', name: fileName };
  const isAws = kind === 'aws';
  // AWS's versions are UUIDs, Azure's have no hyphens.
  if (version !== null && version.includes('-') !== isAws) return null;
  return { kind: isAws ? 'aws' : 'azure', name, version };
}
