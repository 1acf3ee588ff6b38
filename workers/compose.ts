import { randomBytes } from 'node:crypto';
import { FIXED_SETTINGS, type Settings } from '../activities';
import { createAuthority, createStatementVerifier, provedReferences, trust } from '../authority';
import { rememberedEnds } from '../domain/credential-ends';
import type { OrganizationId } from '../domain/ids';
import { folderAt, publicationAt } from '../ledger/publication';
import { signerClient } from '../ledger/signer-client';
import { observing } from '../providers/calls/observing';
import { composeProviders } from '../providers/compose';
import { canariesOf } from '../providers/control-probe/canaries';
import { createControlProbe } from '../providers/control-probe/control-probe';
import { observingControl } from '../providers/control-probe/observing';
import { composeArchive } from '../providers/publication/compose';
import { recordedProvider, recordedVerifier } from '../providers/recording';
import type { Runtime } from '../runtime/config';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import { payloadSealing } from '../runtime/temporal';
import { openStore } from '../store/open';

/**
 * What both workers are made of.
 * @param processTag tells the process apart in the customer's CloudTrail.
 * @throws Error at start-up for an environment that would redirect provider calls.
 */
export function composeShared(runtime: Runtime, processTag: string, logger: Logger, metrics: Metrics) {
  const { config, env, path, secret } = runtime;
  const observe = observing(logger, metrics.providerCalls);
  const trusted = trust.parse({ deployment: config.deployment, mode: config.mode, ...config.trust });
  const signer = signerClient({
    socketPath: path(config.signer.socket),
    token: secret(config.signer.tokenFile),
  });
  const publication = publicationAt(composeArchive(config, { env, path, processTag, observe, folderAt }));
  const storeOptions = {
    publication,
    url: secret(config.databaseUrlFile),
    deployment: config.deployment,
    mode: config.mode,
    random: randomBytes,
    sealing: config.sealing,
  };
  const { store, door } = openStore(storeOptions, signer, logger);
  const references = provedReferences(trusted, store);
  const clouds = composeProviders(config, { env, path, secret, processTag, observe, references });
  const probes = clouds.verifier();
  return {
    trusted,
    signer,
    store,
    door,
    publication,
    ends: rememberedEnds(clouds.credentialEnds, Date.now),
    clouds,
    references,
    provider: recordedProvider(clouds.provider, store),
    verifier: recordedVerifier(probes, store),
    // Our own canary's calls are no customer's.
    controlProbe: createControlProbe({
      verifier: probes,
      canaries: canariesOf(config.control),
      clock: Date.now,
      observe: observingControl(logger, metrics),
    }),
    statements: createStatementVerifier(trusted.custodyKeys),
    authority: createAuthority(trusted),
    settings: settingsOf(config),
    epochFloor: (organization: OrganizationId) => signer.epochFloor(organization),
    random: randomBytes,
    sealing: payloadSealing(runtime, randomBytes),
    logger,
  };
}

function settingsOf({ cipher, sealing, rotation, backupRetentionDays }: Runtime['config']): Settings {
  return {
    ...FIXED_SETTINGS,
    operationDeadlineMs: cipher.operationDeadlineMs,
    platformRefusals: { count: sealing.refusals, overMs: sealing.overMs },
    rotation,
    backupRetentionDays,
  };
}
