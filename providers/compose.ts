import { randomBytes } from 'node:crypto';
import type { StatementVerifier } from '../domain/ports/authority';
import type { PlatformKeyControl, PlatformKeys } from '../domain/ports/platform';
import type { Provider, Verifier } from '../domain/ports/provider';
import { createCall } from './aws-kms/call';
import { refuseEndpointEnvironment } from './aws-kms/environment';
import { createAwsKmsProvider } from './aws-kms/provider';
import { createAwsKmsVerifier } from './aws-kms/verifier';
import type { Observe } from './calls/call';
import { type IdentitySource, identities } from './credentials/source';
import { type Egress, egressFor } from './egress/egress';
import { createPlatformKeyControl } from './platform/control';
import { createPlatformKeys } from './platform/keys';

/** What the configuration says of AWS. */
export interface AwsSettings {
  readonly mode: 'development' | 'production';
  readonly aws: { readonly identity: IdentitySource; readonly emulatorUrl: string | null };
  readonly platform: {
    readonly region: string;
    readonly content: IdentitySource;
    readonly control: IdentitySource;
  };
}

export interface ProcessSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly path: (file: string) => string;
  /** Tells the process apart in the customer's CloudTrail. */
  readonly processTag: string;
  readonly observe: Observe;
}

/** A process's way to AWS. An identity's credentials are fetched at its first call, so what isn't used isn't held. */
export interface Aws {
  readonly egress: Egress;
  readonly provider: Provider;
  verifier(): Verifier;
  platformKeys(): PlatformKeys;
  /** For the platform process alone. @param deadlineMs of each call */
  platformKeyControl(statements: StatementVerifier, deadlineMs: number): PlatformKeyControl;
}

/** @throws Error at start-up for an environment that would redirect provider calls. */
export function composeAws(
  { mode, aws, platform }: AwsSettings,
  { env, path, processTag, observe }: ProcessSettings,
): Aws {
  refuseEndpointEnvironment(env);
  const egress = egressFor(mode, aws.emulatorUrl);
  const { region } = platform;
  const clock = Date.now;
  const own = { egress, region, clock, observe };
  const call = createCall({ provider: 'platform', clock, observe });
  const identityOf = identities({ egress, region, processTag, clock, path, call });
  const content = identityOf(platform.content);
  const customers = { egress, identity: identityOf(aws.identity), clock, observe, processTag };
  return {
    egress,
    provider: createAwsKmsProvider(customers),
    verifier: () => createAwsKmsVerifier({ ...customers, random: randomBytes }),
    platformKeys: () => createPlatformKeys({ ...own, identity: content }),
    platformKeyControl: (statements, deadlineMs) =>
      createPlatformKeyControl({
        ...own,
        control: identityOf(platform.control),
        cipher: content,
        principals: { control: platform.control.arn, cipher: platform.content.arn },
        statements,
        deadlineMs,
      }),
  };
}
