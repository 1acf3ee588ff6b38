import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyRef, KeyVersion } from '../../../domain/ids';
import type { Signer } from '../../../domain/ports/signer';
import { openSigner } from '../../../ledger/signer';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { adviceFor } from './advice';
import type { Arrangement } from './arrangement';
import { type CustomerCloud, openCloud } from './customer-cloud';

/**
 * Owns the database, and an account with the victim's provider that is set up for the victim's organization, external
 * ID, key name and all: what is redirected there would work.
 */
export interface Attacker {
  readonly cloud: CustomerCloud;
  /** As the provider names it when it wraps. */
  readonly keyRef: KeyRef;
  /** Signs what our signer would, with keys of its own. */
  readonly signer: Signer;
  /** How often we have asked for anything in its account, sessions and tokens included. */
  calls(): number;
}

export async function attackerOf({
  deployment,
  organization,
  cloud: victims,
}: Pick<Arrangement, 'deployment' | 'organization' | 'cloud'>): Promise<Attacker> {
  const { runtime, folder } = deployment;
  const cloud: CustomerCloud = await openCloud(
    deployment,
    victims.customer.provider,
    `not-${organization.name}`,
  );
  await cloud.customer.setUp(adviceFor(deployment, organization));
  const context = {
    organization: organization.id,
    purpose: 'workspace-key',
    keyVersion: 1 as KeyVersion,
  } as const;
  const { keyRef } = await cloud.wrap(new Uint8Array(32), context);
  // In a customer's log at Azure there's nothing of tokens.
  const credentials = cloud.inject({ on: 'credential', effect: { kind: 'latency', ms: 0 } });
  const keys = mkdtempSync(join(folder, 'attacker-'));
  await createSignerKeys(join(keys, 'signer'));
  const { deployment: name, mode } = runtime.config;
  return {
    cloud,
    keyRef,
    signer: await openSigner({ folder: join(keys, 'signer'), deployment: name, mode }),
    calls: () => cloud.hitsOf(credentials) + cloud.trail().filter(({ ours }) => ours).length,
  };
}
