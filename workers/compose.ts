import { randomBytes } from 'node:crypto';
import { DEFAULT_SETTINGS, type Settings } from '../activities';
import { createStatementVerifier, trust } from '../authority';
import { signerClient } from '../ledger/signer-client';
import type { Observe } from '../providers/aws-kms/call';
import type { AwsIdentity } from '../providers/aws-kms/clients';
import { refuseEndpointEnvironment } from '../providers/aws-kms/environment';
import { createAwsKmsProvider } from '../providers/aws-kms/provider';
import { chainIdentity, fileIdentity } from '../providers/credentials/aws';
import { createEgress, type Egress } from '../providers/egress/egress';
import type { Runtime } from '../runtime/config';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import { createStore } from '../store';

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
  const egress = egressOf(config);
  const observe = observing(logger, metrics);
  const identity = identityOf(runtime, egress, config.aws.credentialsFile);
  const aws = { egress, identity, clock: Date.now, random: randomBytes, observe, processTag };
  return {
    trusted,
    signer,
    store: createStore(storeOptions, signer, logger),
    egress,
    aws,
    provider: createAwsKmsProvider(aws),
    statements: createStatementVerifier(trusted.custodyKeys),
    settings: settingsOf(config),
    random: randomBytes,
    logger,
  };
}

function egressOf({ mode, aws }: Runtime['config']): Egress {
  if (mode === 'production') return createEgress({ mode });
  return createEgress({ mode, emulators: aws.emulatorUrl === null ? {} : { aws: aws.emulatorUrl } });
}

/** The identity mounted as that file, or, where none is named, the one the machine has. */
export function identityOf({ config, path }: Runtime, egress: Egress, file: string | null): AwsIdentity {
  return file === null ? chainIdentity(egress, config.platform.region) : fileIdentity(path(file));
}

/** Metrics and one log event for each call to a provider. */
function observing(logger: Logger, metrics: Metrics): Observe {
  return (call) => {
    metrics.providerCalls.inc({ provider: call.provider, operation: call.operation, code: call.code });
    logger.info({ event: 'provider.call', ...call }, 'provider call');
  };
}

function settingsOf({ cipher, sealing }: Runtime['config']): Settings {
  return {
    ...DEFAULT_SETTINGS,
    operationDeadlineMs: cipher.operationDeadlineMs,
    platformRefusals: { count: sealing.refusals, overMs: sealing.overMs },
  };
}
