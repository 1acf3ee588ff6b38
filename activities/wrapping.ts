import { timingSafeEqual } from 'node:crypto';
import type { Connection } from '../domain/connection';
import type { Custody } from '../domain/custody';
import { sha256Hex } from '../domain/digest';
import { ProviderFailure } from '../domain/failure';
import type { ConnectionId, KeyRef, KeyVersion, OrganizationId } from '../domain/ids';
import { checkValueOf } from '../domain/key-check';
import type { Unwrapped, WrapContext, Wrapped } from '../domain/ports/provider';
import type { CustodyDeps } from './deps';
import { callSignal } from './edge';
import { commitStep, type Step } from './step';

export const workspaceKeyContext = (organization: OrganizationId, keyVersion: KeyVersion): WrapContext => ({
  organization,
  purpose: 'workspace-key',
  keyVersion,
});

/** What was wrapped comes back as it was; the proof is zeroed. @throws ProviderFailure CHECK_VALUE_MISMATCH */
function demandSame({ bytes: proof }: Pick<Unwrapped, 'bytes'>, bytes: Uint8Array): void {
  try {
    if (proof.length !== bytes.length || !timingSafeEqual(proof, bytes))
      throw new ProviderFailure('CHECK_VALUE_MISMATCH');
  } finally {
    proof.fill(0);
  }
}

/** The customer's key that has to answer. */
export interface WrapTarget {
  readonly connection: Connection;
  readonly keyRef: KeyRef;
}

/** Wraps a key version under the customer's key, proves it by an unwrap, and commits the envelope as staged. */
export const wrapProveAndStage = (
  { store, provider, settings }: Pick<CustodyDeps, 'store' | 'provider' | 'settings'>,
  step: Step & { readonly version: KeyVersion },
  { connection, keyRef }: WrapTarget,
  bytes: Uint8Array,
  minted: boolean,
): Promise<void> =>
  stageUnder(
    { store, settings },
    step,
    {
      ...{ custody: 'customer', connectionId: connection.id, keyRef },
      wrap: (...what) => provider.wrap(connection, ...what),
      unwrap: (wrapped, ...what) => provider.unwrap(connection, wrapped, keyRef, ...what),
    },
    bytes,
    minted,
  );

/** Whose key an envelope is to be under, and how it is asked. */
interface WrappingKey {
  readonly custody: Custody;
  readonly connectionId: ConnectionId | null;
  readonly keyRef: KeyRef;
  wrap(bytes: Uint8Array, context: WrapContext, signal: AbortSignal): Promise<Wrapped>;
  unwrap(wrapped: Uint8Array, context: WrapContext, signal: AbortSignal): Promise<Unwrapped>;
}

/**
 * Wraps a key version under a key, proves it by an unwrap, and commits the envelope as staged.
 * @throws ProviderFailure KEY_MISMATCH where another key has wrapped it, CHECK_VALUE_MISMATCH
 */
export async function stageUnder(
  { store, settings }: Pick<CustodyDeps, 'store' | 'settings'>,
  step: Step & { readonly version: KeyVersion },
  key: WrappingKey,
  bytes: Uint8Array,
  minted: boolean,
): Promise<void> {
  const { organization, version } = step;
  const { custody, connectionId } = key;
  const context = workspaceKeyContext(organization.id, version);
  const signal = () => callSignal(settings.providerCallMs);
  const { wrapped, keyRef } = await key.wrap(bytes, context, signal());
  if (keyRef !== key.keyRef) throw new ProviderFailure('KEY_MISMATCH');
  demandSame(await key.unwrap(wrapped, context, signal()), bytes);
  await commitStep(
    store,
    step,
    {
      type: 'envelope-staged',
      version,
      custody,
      connectionId,
      wrapped,
      wrappedSha256: sha256Hex(wrapped),
      keyRef,
      checkValue: checkValueOf(bytes, organization.id, version),
      minted,
    },
    'live',
  );
}
