import { randomBytes } from 'node:crypto';
import { DEFAULT_SETTINGS, type Settings } from '../activities';
import { createAuthority, createStatementVerifier, trust } from '../authority';
import { signerClient } from '../ledger/signer-client';
import type { AwsIdentity } from '../providers/aws-kms/clients';
import { refuseEndpointEnvironment } from '../providers/aws-kms/environment';
import { observing } from '../providers/aws-kms/observing';
import { createAwsKmsProvider } from '../providers/aws-kms/provider';
import { awsIdentity } from '../providers/credentials/aws';
import { type Egress, egressFor } from '../providers/egress/egress';
import type { Runtime } from '../runtime/config';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import { createStore } from '../store';
import { withCheckpoints } from '../store/checkpointing';

/**
 * What both workers are made of.
 * @param processTag tells the process apart in the customer's CloudTrail.
 * @throws Error at start-up for an environment that would redirect provider calls.
 */
export function composeShared(runtime: Runtime, processTag: string, logger: Logger, metrics: Metrics) {
  const { config, env, path, secret } = runtime;
  refuseEndpointEnvironment(env);
  const trusted = trust.parse({ deployment: config.deployment, mode: config.mode, ...config.trust });
  const signer = signerClient({
    socketPath: path(config.signer.socket),
    token: secret(config.signer.tokenFile),
  });
  const storeOptions = {
    url: secret(config.databaseUrlFile),
    deployment: config.deployment,
    mode: config.mode,
    random: randomBytes,
  };
  const egress = egressFor(config.mode, config.aws.emulatorUrl);
  const observe = observing(logger, metrics.providerCalls);
  const aws = {
    egress,
    identity: identityOf(runtime, egress, config.aws.credentialsFile),
    clock: Date.now,
    random: randomBytes,
    observe,
    processTag,
  };
  return {
    trusted,
    signer,
    store: withCheckpoints(createStore(storeOptions, signer, logger), (organization) =>
      logger.warn({ event: 'checkpoint.failed', organization }, 'a head wasn’t signed'),
    ),
    egress,
    aws,
    provider: createAwsKmsProvider(aws),
    statements: createStatementVerifier(trusted.custodyKeys),
    authority: createAuthority(trusted),
    settings: settingsOf(config),
    random: randomBytes,
    logger,
  };
}

/** The identity mounted as that file of the configuration, or, where none is named, the one the machine has. */
export const identityOf = ({ config, path }: Runtime, egress: Egress, file: string | null): AwsIdentity =>
  awsIdentity(file === null ? null : path(file), egress, config.platform.region);

function settingsOf({ cipher, sealing }: Runtime['config']): Settings {
  return {
    ...DEFAULT_SETTINGS,
    operationDeadlineMs: cipher.operationDeadlineMs,
    platformRefusals: { count: sealing.refusals, overMs: sealing.overMs },
  };
}
