import { randomBytes } from 'node:crypto';
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Client } from 'pg';
import { sessionPolicy } from '../../../providers/aws-kms/session-policy';
import type { BareInput } from './bare-contract';
import { insertRows, type Recording } from './recording';

export interface BareDeps {
  readonly database: Client;
  readonly recording: Recording;
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Readonly<Record<'principal' | 'content' | 'control', AwsKeys>>;
}
interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface Inserted {
  readonly run: string;
  /** Of the ledger entry that the rows were written with. */
  readonly type: string;
  /** Which of that type. */
  readonly nth: number;
}

/** The product's provider calls and transactions, and nothing else. */
export function createBareActivities(deps: BareDeps) {
  const { region, endpoint, credentials } = deps;
  const client = (keys: AwsKeys & { sessionToken?: string }) =>
    new KMSClient({ region, endpoint, credentials: keys, maxAttempts: 1 });
  const sts = new STSClient({ region, endpoint, credentials: credentials.principal, maxAttempts: 1 });
  const content = client(credentials.content);
  const control = client(credentials.control);

  const recorded = (type: string, nth: number) =>
    deps.recording.filter((each) => each.type === type)[nth]?.rows;
  const insert = ({ run, type, nth }: Inserted) => {
    const rows = recorded(type, nth);
    if (rows === undefined) throw new Error(`nothing recorded for ${type}`);
    return insertRows(
      deps.database,
      rows.map(({ table, json }) => ({ table, json: renamed(json, run) })),
    );
  };

  const assume = async ({ customer }: BareInput, externalId: string | null): Promise<KMSClient> => {
    const { Credentials: given } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: customer.roleArn,
        RoleSessionName: `${customer.organization}@bare`,
        DurationSeconds: 900,
        Policy: sessionPolicy({ kind: 'key', arn: customer.keyArn }),
        ...(externalId === null ? {} : { ExternalId: externalId }),
      }),
    );
    return client({
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    });
  };
  const roundTrip = async (kms: KMSClient, input: BareInput, bytes: Uint8Array): Promise<void> => {
    const about = { KeyId: input.customer.keyArn, EncryptionContext: contextOf(input) };
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ ...about, Plaintext: bytes }));
    await kms.send(new DecryptCommand({ ...about, CiphertextBlob }));
  };
  const unwrapPlatform = (input: BareInput) =>
    content.send(
      new DecryptCommand({
        KeyId: input.platformKey,
        CiphertextBlob: Buffer.from(input.wrapped, 'base64'),
        EncryptionContext: contextOf(input),
      }),
    );
  const describe = ({ platformKey }: BareInput) =>
    control.send(new DescribeKeyCommand({ KeyId: platformKey }));
  const tags = ({ platformKey }: BareInput) =>
    control.send(new ListResourceTagsCommand({ KeyId: platformKey }));

  return {
    insert: async (inserted: Inserted): Promise<void> => insert(inserted),
    async verify(input: BareInput, type: string): Promise<void> {
      const kms = await assume(input, input.customer.externalId);
      await refused(assume(input, null));
      await refused(assume(input, 'another'));
      await roundTrip(kms, input, randomBytes(32));
      await roundTrip(kms, input, randomBytes(32));
      await insert({ run: input.run, type, nth: 0 });
    },
    async rewrap(input: BareInput): Promise<void> {
      const { Plaintext } = await unwrapPlatform(input);
      await roundTrip(await assume(input, input.customer.externalId), input, Plaintext ?? new Uint8Array());
      await insert({ run: input.run, type: 'envelope-staged', nth: 0 });
    },
    async mint(input: BareInput): Promise<void> {
      await roundTrip(await assume(input, input.customer.externalId), input, randomBytes(32));
      await insert({ run: input.run, type: 'envelope-staged', nth: 1 });
    },
    async disable(input: BareInput): Promise<void> {
      await describe(input);
      await describe(input);
      await tags(input);
      await describe(input);
      await control.send(new DisableKeyCommand({ KeyId: input.platformKey }));
      await insert({ run: input.run, type: 'platform-key-disabled', nth: 0 });
    },
    async refuses(input: BareInput, nth: number): Promise<void> {
      await refused(unwrapPlatform(input));
      if (recorded('platform-key-probed', nth) === undefined) return;
      await insert({ run: input.run, type: 'platform-key-probed', nth });
    },
    async scheduleDeletion(input: BareInput): Promise<void> {
      await describe(input);
      await tags(input);
      await describe(input);
      await control.send(
        new ScheduleKeyDeletionCommand({ KeyId: input.platformKey, PendingWindowInDays: 7 }),
      );
      await insert({ run: input.run, type: 'platform-key-deletion-scheduled', nth: 0 });
    },
  };
}
export type BareActivities = ReturnType<typeof createBareActivities>;

const contextOf = ({ customer }: BareInput): Record<string, string> => ({
  'smsk:org': customer.organization,
  'smsk:purpose': 'workspace-key',
  'smsk:key-version': '1',
});

async function refused(call: Promise<unknown>): Promise<void> {
  const isRefused = await call.then(
    () => false,
    () => true,
  );
  if (!isRefused) throw new Error('it should have been refused');
}

/** Ids of the recorded run become this run's: the first half stays, so that they remain apart. */
const renamed = (json: string, run: string): string =>
  json.replaceAll(UUID, (id) => `${id.slice(0, 18)}${run.slice(18)}`);
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
