import { randomUUID } from 'node:crypto';
import { PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { type AwsConnection, awsConnectionInput, newConnection } from '../../../domain/connection';
import type { ConnectionId, KeyRef } from '../../../domain/ids';
import { awsKeyPolicy } from '../../../domain/set-up/aws';
import { createCall } from '../../../providers/aws-kms/call';
import type { CallRecord } from '../../../providers/calls/call';
import { approvedCredentials, type PlaceSettings } from '../../../providers/credentials/approved/compose';
import { identities } from '../../../providers/credentials/source';
import { readSecretFile } from '../../../runtime/secret-file';
import { type AwsWorld, awsFixture, REGION } from '../provider-contract/aws-world';
import { Book, Folder, type Stated } from './book';

export const NAME = 'acme-wrap';

export interface ReferencedOptions {
  readonly locator?: string;
  readonly clock?: () => number;
  /** Beside the folder. */
  readonly places?: (world: AwsWorld) => Promise<Partial<PlaceSettings>>;
}

/** A customer that hands over an IAM user of its own, by a reference, instead of trusting ours with a role. */
export async function referencedAws({
  locator = 'file:acme-wrap.json',
  clock = Date.now,
  places = async () => ({}),
}: ReferencedOptions = {}) {
  const book = new Book();
  const folder = new Folder();
  const records: CallRecord[] = [];
  const observe = (record: CallRecord): void => void records.push(record);
  let settings: PlaceSettings = { folder: folder.path, secretsManager: null, vault: null };
  const fixture = await awsFixture({
    clock,
    referencedBy: ({ egress }) => {
      const call = createCall({ provider: 'platform', clock, observe });
      const means = { egress, clock, path: (file: string) => file };
      const approved = () =>
        approvedCredentials({
          ...means,
          ...{ settings, references: book, observe, emulator: null, env: {}, secret: readSecretFile },
          identityOf: identities({ ...means, region: REGION, processTag: 'test', call }),
        });
      let made: ReturnType<typeof approved> | undefined;
      return (...asked) => {
        made ??= approved();
        return made.aws(...asked);
      };
    },
  });
  const { world, keyArn, setUp, connection: byRole } = fixture;
  settings = { ...settings, ...(await places(world)) };
  const user = await world.user('novantra-wrap', null, world.customer);
  const trust = async (...principals: string[]): Promise<void> => {
    const [first = '', ...others] = principals;
    const policy = awsKeyPolicy({ ...setUp, roleArn: first });
    const statements = others.map(
      (arn) => (awsKeyPolicy({ ...setUp, roleArn: arn })['Statement'] as object[])[1],
    );
    const Policy = JSON.stringify({
      ...policy,
      Statement: [...(policy['Statement'] as object[]), ...statements],
    });
    await world.customer
      .kms()
      .send(new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy }));
  };
  await trust(user.arn);
  folder.write('acme-wrap.json', JSON.stringify(user.credentials));
  const { organization } = byRole;
  const stated: Stated = {
    ...{ organization, name: NAME, provider: 'aws-kms', key: setUp.key, locator, identity: user.arn },
  };
  const entry = book.register(stated);
  const connect = (changes: { key?: string; region?: string; name?: string } = {}): AwsConnection =>
    newConnection(
      randomUUID() as ConnectionId,
      organization,
      byRole.externalId,
      awsConnectionInput.parse({
        ...{ provider: 'aws-kms', region: changes.region ?? REGION, key: changes.key ?? setUp.key },
        credential: { kind: 'approved', name: changes.name ?? NAME },
      }),
    );
  const connection = { ...connect(), pinnedKeyRef: keyArn as KeyRef };
  return {
    ...fixture,
    ...{ book, folder, user, entry, stated, trust, connect, connection },
    setUp: { ...setUp, roleArn: user.arn },
    /** Of secret stores and of the provider, each oldest first. */
    reads: records,
    close: async () => {
      folder.remove();
      await fixture.close();
    },
  };
}
export type ReferencedAws = Awaited<ReturnType<typeof referencedAws>>;
