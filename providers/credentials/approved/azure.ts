import { z } from 'zod';
import type { AzureConnection } from '../../../domain/connection';
import type { UsableReference } from '../../../domain/credential-reference';
import type { Observe } from '../../calls/call';
import { foreignJson } from '../../calls/foreign-json';
import type { Egress } from '../../egress/egress';
import type { AzureIdentityInUse, AzureIdentityOf } from '../azure';
import { azureApp } from '../azure-app';
import { type AzureCertificate, azureCertificate } from '../azure-certificate';
import type { ProveApp } from '../azure-proof';
import type { EntryFor } from './entry';
import { type ReadCredential, requireInTime } from './read';

/** How an app of the customer's proves itself: a certificate with its private key, in PEM, or a client secret. */
export type AppCredential =
  | { readonly kind: 'certificate'; readonly certificate: AzureCertificate }
  | { readonly kind: 'secret'; readonly secret: string };

const secretFile = z.strictObject({ clientSecret: z.string().regex(/^[\x21-\x7e]{16,256}$/) });

/**
 * PEM, or `{"clientSecret": "…"}`.
 * @throws Error that holds nothing of the text
 */
export function appCredentialOf(text: string): AppCredential {
  if (!text.startsWith('{')) return { kind: 'certificate', certificate: azureCertificate(text) };
  const parsed = secretFile.safeParse(foreignJson(text));
  if (!parsed.success) throw new Error('an app’s secret is not of its form');
  return { kind: 'secret', secret: parsed.data.clientSecret };
}

export interface ApprovedAzureOptions {
  readonly entryFor: EntryFor;
  readonly read: ReadCredential;
  readonly egress: Pick<Egress, 'azure'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly observe: Observe;
}

interface Kept {
  readonly entry: UsableReference;
  readonly inUse: AzureIdentityInUse;
}

/**
 * Apps of the customers' own. Of an entry only tokens are kept, by the app that its registration stands for: another
 * registration is another app. Entra gives a token for the client id in the entry or none, so who we are needs no
 * further check.
 */
export function approvedAzure(options: ApprovedAzureOptions): AzureIdentityOf {
  const kept = new Map<string, Kept>();
  return async (connection: AzureConnection, signal) => {
    const name = nameOf(connection);
    try {
      const entry = await options.entryFor(connection, signal);
      const known = kept.get(name);
      if (known?.entry.registration === entry.registration) return known.inUse;
      const inUse = { identity: appOf(options, entry), isOrganizationsOwn: true };
      kept.set(name, { entry, inUse });
      return inUse;
    } catch (failure) {
      kept.delete(name);
      throw failure;
    }
  };
}

const nameOf = ({ organization, input: { credential } }: AzureConnection): string =>
  `${organization} ${credential.kind === 'approved' ? credential.name : ''}`;

function appOf({ read, egress, clock, observe }: ApprovedAzureOptions, entry: UsableReference) {
  const clientId = entry.identity;
  const prove: ProveApp = async ({ tokenUrl }, signal) => {
    const { value, endsAtMs } = await read(entry, appCredentialOf, signal);
    requireInTime(endsAtMs, clock());
    if (value.kind === 'secret') return value;
    const { expiresAtMs, assertion } = value.certificate;
    requireInTime(expiresAtMs, clock());
    return { kind: 'assertion', assertion: await assertion(clientId, tokenUrl, clock()) };
  };
  return azureApp({ clientId, prove, owner: 'customer', egress, clock, observe });
}
