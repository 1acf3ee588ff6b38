import { randomUUID } from 'node:crypto';
import { ListKeysCommand } from '@aws-sdk/client-kms';
import { ProviderFailure } from '../../../domain/failure';
import type { KeyRef, KeyVersion, OperationId, OrganizationId } from '../../../domain/ids';
import type { StatementVerifier } from '../../../domain/ports/authority';
import { awsOperatorPolicies } from '../../../domain/set-up/aws-operator';
import type { CustodyStatement } from '../../../domain/statement';
import { createPlatformKeyControl } from '../../../providers/platform/control';
import { createPlatformKeys } from '../../../providers/platform/keys';
import { AwsWorld, REGION } from './aws-world';

export const never = (): AbortSignal => new AbortController().signal;
export const DAY_MS = 86_400_000;

/** Statements are `custody organization operation`; how they are signed is tested where they are. */
const statements = {
  custody: async (jws: string) => {
    const [custody, organization, operationId = 'of another'] = jws.split(' ');
    if (organization === undefined) throw new ProviderFailure('STATEMENT_INVALID');
    return { custody, organization, operationId: operationId as OperationId } as CustodyStatement;
  },
} as StatementVerifier;

/** The operator's account with its control and cipher identities, and what those are given. */
export async function platform() {
  let ahead = 0;
  const world = await AwsWorld.start({ clock: () => Date.now() + ahead });
  const cipher = await world.user('smsk-cipher', null);
  const control = await world.user('smsk-control', awsOperatorPolicies('aws', world.operator.id).control);
  const records: { code: string }[] = [];
  const asked: boolean[] = [];
  const shared = {
    egress: world.egress,
    region: REGION,
    clock: Date.now,
    observe: (record: { code: string }) => void records.push(record),
  };
  const newControl = () =>
    createPlatformKeyControl({
      ...shared,
      control: async (how) => {
        asked.push(how?.refresh === true);
        return control.credentials;
      },
      cipher: async () => cipher.credentials,
      principals: { cipher: cipher.arn, control: control.arn },
      statements,
      deadlineMs: 5_000,
    });
  const organization = randomUUID() as OrganizationId;
  return {
    world,
    records,
    /** For each time the control identity was asked for, whether anew. */
    asked,
    organization,
    newControl,
    control: newControl(),
    keys: createPlatformKeys({ ...shared, identity: async () => cipher.credentials }),
    customer: `customer ${organization}`,
    context: { organization, purpose: 'workspace-key', keyVersion: 1 as KeyVersion } as const,
    /** The emulator's time, and what we take for AWS's. */
    pass: (ms: number) => {
      ahead += ms;
      world.egress.clockOffset.ms = ahead;
    },
    alive: async () => {
      const { Keys = [] } = await world.operator.kms().send(new ListKeysCommand({}));
      const states = await Promise.all(
        Keys.map(({ KeyArn }) =>
          newControl()
            .state(KeyArn as KeyRef)
            .catch(() => 'not ours'),
        ),
      );
      return states.filter((state) => state === 'enabled').length;
    },
  };
}
export type Platform = Awaited<ReturnType<typeof platform>>;
