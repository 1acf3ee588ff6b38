import { randomBytes, randomUUID } from 'node:crypto';
import {
  createActorSigner,
  createAuthority,
  createStatementVerifier,
  provedReferences,
  trust,
} from '../authority';
import { createWorkspaceCipher, systemClock } from '../cipher';
import { rememberedEnds } from '../domain/credential-ends';
import { instantOf } from '../domain/ids';
import { endpointSecret } from '../domain/webhook';
import { folderAt, publicationAt } from '../ledger/publication';
import { signerClient } from '../ledger/signer-client';
import { observing } from '../providers/calls/observing';
import { composeProviders } from '../providers/compose';
import { composeArchive } from '../providers/publication/compose';
import { loadConfiguration } from '../runtime/config';
import { drainOnSignal } from '../runtime/drain';
import { watchLedgers } from '../runtime/ledger-metrics';
import { createLogger } from '../runtime/logging';
import { createMetrics } from '../runtime/metrics';
import { webhookKey } from '../runtime/notify';
import { startRounds } from '../runtime/rounds';
import { payloadSealing, temporalLazily, temporalTarget } from '../runtime/temporal';
import { lookPatiently } from '../store/ledger-door';
import { openStore } from '../store/open';
import { buildApi } from './build';
import { cipherEvents } from './cipher-events';
import { codecDeps } from './codec/compose';
import { createMessenger } from './messenger';

const PROBE_WITHIN_MS = 2_000;
/** Whether ledgers are as they were signed. */
const LOOK_EVERY_MS = 30_000;
/** Tells this process apart in the customer's CloudTrail. */
const PROCESS_TAG = 'api';

/** The API process: routes, and the cipher door. It holds the actor-token key and no key of any customer's. */
async function main(): Promise<void> {
  const runtime = loadConfiguration();
  const { config, env, path, secret } = runtime;
  const logger = createLogger('api');
  const metrics = createMetrics();
  const observe = observing(logger, metrics.providerCalls);
  const trusted = trust.parse({ deployment: config.deployment, mode: config.mode, ...config.trust });
  const signer = signerClient({
    socketPath: path(config.signer.socket),
    token: secret(config.signer.readerTokenFile),
  });
  const { deployment, mode } = config;
  const publication = publicationAt(
    composeArchive(config, { env, path, processTag: PROCESS_TAG, observe, folderAt }),
  );
  const { store, door } = openStore(
    { url: secret(config.databaseUrlFile), deployment, mode, random: randomBytes, publication },
    signer,
    logger,
  );
  const references = provedReferences(trusted, store);
  const clouds = composeProviders(config, {
    ...{ env, path, secret, processTag: PROCESS_TAG, observe },
    references,
  });
  const sealing = payloadSealing(runtime, randomBytes);
  const master = webhookKey(secret(config.notify.webhookKeyFile));
  const temporal = temporalLazily(temporalTarget(config.temporal, env), sealing);

  await lookPatiently(door);
  const looks = { ledgers: () => door.look() };
  const stopLooking = startRounds(looks, LOOK_EVERY_MS, { metrics, logger, clock: Date.now });
  watchLedgers(metrics.registry, () => [...door.closed.values()], config.workers.leftClosed);
  const cipher = createWorkspaceCipher({
    provider: clouds.provider,
    platform: clouds.platformKeys(),
    reader: store,
    recorder: store,
    verifier: createStatementVerifier(trusted.custodyKeys),
    demandOpen: door.demandOpen,
    epochFloor: (organization) => signer.epochFloor(organization),
    coalesce: () => config.cipher.coalesce,
    events: cipherEvents(logger, metrics),
    clock: systemClock,
    random: randomBytes,
    limits: {
      deadlineMs: config.cipher.operationDeadlineMs,
      waitingOperations: config.cipher.maxWaiting,
    },
  });
  const app = await buildApi({
    settings: {
      deployment,
      mode,
      url: config.api.url,
      principalArn: config.aws.identity.arn,
      azureApps: config.azure.apps,
      egressRanges: config.azure.egressRanges,
      custodyKeys: trusted.custodyKeys,
      orderIssuerKeys: trusted.orderIssuer.keys,
      actorKeys: trusted.actorKeys,
      probeWithinMs: PROBE_WITHIN_MS,
    },
    store,
    messenger: createMessenger(temporal, config.api.messageDeadlineMs),
    authority: createAuthority(trusted),
    references,
    ends: rememberedEnds(clouds.credentialEnds, Date.now),
    certificates: clouds.azureApps.certificates,
    signActor: await createActorSigner(secret(config.api.actorKeyFile), config.api.actorKid),
    signer,
    cipher,
    codec: codecDeps(config.temporal, sealing),
    endpointSecret: (organization, endpoint) => endpointSecret(master, organization, endpoint),
    behind: door.closed,
    logger,
    metrics,
    now: () => instantOf(Date.now()),
    uuid: randomUUID,
  });

  drainOnSignal(
    process,
    async () => {
      await app.close();
      await cipher.settled();
      await stopLooking();
      await temporal.connection.close();
      await store.close();
      clouds.egress.close();
    },
    process.exit,
  );
  await app.listen({ host: config.api.host, port: config.api.port });
  logger.info({ event: 'api.ready', url: config.api.url }, 'API ready');
}

main().catch((error: unknown) => {
  // Start-up errors are ours and name what to mend.
  const why = error instanceof Error ? error.message : 'unknown';
  createLogger('api').fatal({ event: 'start.failed', why }, 'the API failed to start');
  process.exit(1);
});
