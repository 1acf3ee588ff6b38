import { z } from 'zod';

/**
 * Name of an approved credential reference. It names an entry that the operator registered; it can't hold a secret:
 * short, lower case, words joined by hyphens.
 */
export const referenceName = z
  .string()
  .max(40)
  .regex(
    /^[a-z][a-z0-9]{0,15}(?:-[a-z0-9]{1,15}){0,4}$/,
    'must be the name of a registered credential reference, like acme-vault-app: never the credential itself',
  );

/** How a registered reference is written where one line stands for any credential: `approved:NAME`. */
export const approvedCredential = z
  .string()
  .regex(/^approved:/, 'must be approved:NAME, the name of a registered credential reference')
  .transform((text) => text.slice('approved:'.length))
  .pipe(referenceName);
