import { timingSafeEqual } from 'node:crypto';
import type { Connection } from '../domain/connection';
import { sha256Hex } from '../domain/digest';
import { ProviderFailure } from '../domain/failure';
import type { KeyRef, KeyVersion, OrganizationId } from '../domain/ids';
import { checkValueOf } from '../domain/key-check';
import type { Unwrapped, WrapContext } from '../domain/ports/provider';
import type { CustodyDeps } from './deps';
import { callSignal } from './edge';
import { commitStep, type Step } from './step';

export const workspaceKeyContext = (organization: OrganizationId, keyVersion: KeyVersion): WrapContext => ({
  organization,
  purpose: 'workspace-key',
  keyVersion,
});

/** What was wrapped comes back as it was; the proof is zeroed. @throws ProviderFailure CHECK_VALUE_MISMATCH */
export function demandSame({ bytes: proof }: Pick<Unwrapped, 'bytes'>, bytes: Uint8Array): void {
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
export async function wrapProveAndStage(
  { store, provider, settings }: Pick<CustodyDeps, 'store' | 'provider' | 'settings'>,
  step: Step & { readonly version: KeyVersion },
  target: WrapTarget,
  bytes: Uint8Array,
  minted: boolean,
): Promise<void> {
  const { organization, version } = step;
  const { connection } = target;
  const context = workspaceKeyContext(organization.id, version);
  const signal = () => callSignal(settings.providerCallMs);
  const { wrapped, keyRef } = await provider.wrap(connection, bytes, context, signal());
  if (keyRef !== target.keyRef) throw new ProviderFailure('KEY_MISMATCH');
  demandSame(await provider.unwrap(connection, wrapped, keyRef, context, signal()), bytes);
  await commitStep(
    store,
    step,
    {
      type: 'envelope-staged',
      version,
      custody: 'customer',
      connectionId: connection.id,
      wrapped,
      wrappedSha256: sha256Hex(wrapped),
      keyRef,
      checkValue: checkValueOf(bytes, organization.id, version),
      minted,
    },
    'live',
  );
}
