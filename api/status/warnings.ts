import { wordsOf } from '../../domain/attribution-words';
import type { Owner } from '../../domain/codes';
import type { Connection } from '../../domain/connection';
import { endsIn } from '../../domain/credential-ends';
import { freshnessOf } from '../../domain/credential-reference';
import { type EntitlementWarning, entitlementWarning } from '../../domain/entitlement';
import { instantOf, msOf } from '../../domain/ids';
import type { StatusRecord } from '../../store/contract';
import type { ApiDeps } from '../deps';
import type { CredentialWarning } from '../shapes/references';

interface End {
  readonly credential: string;
  readonly endMs: number;
  readonly owner: Owner;
}

/**
 * Credentials of this organization's arrangement that end within 30 days or have ended: its registered references,
 * and the certificate of an app of ours that its connection names.
 * @returns `null` where it can't be told now, which is no reason to say nothing else
 */
export async function credentialWarnings(
  deps: ApiDeps,
  { organization: { id }, connection }: StatusRecord,
): Promise<readonly CredentialWarning[] | null> {
  const { store, settings, logger } = deps;
  try {
    const signal = AbortSignal.timeout(settings.probeWithinMs);
    const referenced = await endsIn(deps, id, signal);
    const ends: readonly End[] = [
      ...referenced.map(({ entry, endMs }) => ({
        credential: `approved:${entry.name}`,
        endMs,
        owner: 'customer' as const,
      })),
      ...ownCertificate(deps, connection),
    ];
    const nowMs = msOf(await store.now());
    return ends.flatMap((end) => warning(end, nowMs));
  } catch {
    logger.warn({ event: 'status.warnings', organization: id }, 'ends of credentials can’t be told now');
    return null;
  }
}

/**
 * What there is to say of the order behind customer custody.
 * @returns `null`: nothing, or there's no such custody
 */
export async function orderWarning(
  { store, authority, logger }: ApiDeps,
  { organization: { id }, custody }: StatusRecord,
): Promise<EntitlementWarning | null> {
  if (custody?.custody !== 'customer') return null;
  try {
    return await entitlementWarning({ store, authority }, id);
  } catch {
    logger.warn({ event: 'status.entitlement', organization: id }, 'the order can’t be judged now');
    return { state: 'unproved' };
  }
}

function ownCertificate({ certificates }: ApiDeps, connection: Connection | null): readonly End[] {
  const { credential } = connection?.input ?? {};
  if (credential?.kind !== 'azure-app') return [];
  return certificates().flatMap(({ clientId, expiresAtMs }) =>
    clientId === credential.clientId && expiresAtMs !== null
      ? [{ credential: `azure-app:${clientId}`, endMs: expiresAtMs, owner: 'operator' as const }]
      : [],
  );
}

function warning({ credential, endMs, owner }: End, nowMs: number): readonly CredentialWarning[] {
  const freshness = freshnessOf(endMs, nowMs);
  if (freshness === 'valid') return [];
  const code = freshness === 'expired' ? 'CREDENTIAL_EXPIRED' : 'CREDENTIAL_EXPIRING';
  return [{ code, credential, end: instantOf(endMs), owner, ...wordsOf(code, owner) }];
}
