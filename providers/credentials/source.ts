import type { Call } from '../aws-kms/call';
import type { AwsIdentity } from '../aws-kms/clients';
import type { Egress } from '../egress/egress';
import { chainIdentity, fileIdentity } from './aws';
import { roleIdentity } from './role';

/** Where an identity of ours comes from. `arn` is how policies name it. */
export type IdentitySource =
  | { readonly kind: 'file'; readonly file: string; readonly arn: string }
  | { readonly kind: 'role'; readonly arn: string }
  | { readonly kind: 'machine'; readonly arn: string };

export interface SourceOptions {
  readonly egress: Egress;
  /** Whose STS is asked. */
  readonly region: string;
  /** Tells this process apart in the operator's CloudTrail: 1 to 27 of `A-Z a-z 0-9 _ = , . -`. */
  readonly processTag: string;
  readonly clock: () => number;
  /** Makes a configured path absolute. */
  readonly path: (file: string) => string;
  readonly call: Call;
}

/** Identities by their source. What roles are assumed from, the machine's own identity, is looked up once. */
export function identities(options: SourceOptions): (source: IdentitySource) => AwsIdentity {
  const { egress, region, processTag, path } = options;
  let machine: AwsIdentity | undefined;
  const ofMachine = (): AwsIdentity => {
    machine ??= chainIdentity(egress, region);
    return machine;
  };
  return (source) => {
    switch (source.kind) {
      case 'file':
        return fileIdentity(path(source.file));
      case 'machine':
        return ofMachine();
      case 'role':
        return roleIdentity({
          ...options,
          base: ofMachine(),
          roleArn: source.arn,
          sessionName: `smsk-${processTag}`,
        });
      default: {
        const unknown: never = source;
        throw new Error(`unknown identity ${String(unknown)}`);
      }
    }
  };
}
