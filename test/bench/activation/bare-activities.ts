import { randomBytes } from 'node:crypto';
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { Client } from 'pg';
import type { BareInput, BareKey } from './bare-contract';
import { type AwsKeys, type AwsPlace, contextOf, kmsClient, refused } from './bare-kms';
import { insertRows, type Recording } from './recording';

export interface BareDeps {
  readonly database: Client;
  readonly recording: Recording;
  readonly key: BareKey;
  /** Where the platform's keys are, and as whom they are called. */
  readonly aws: AwsPlace;
  readonly credentials: Readonly<Record<'content' | 'control', AwsKeys>>;
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
  const { key, aws, credentials } = deps;
  const content = kmsClient(aws, credentials.content);
  const control = kmsClient(aws, credentials.control);

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

  const unwrapPlatform = (input: BareInput) =>
    content.send(
      new DecryptCommand({
        KeyId: input.platformKey,
        CiphertextBlob: Buffer.from(input.wrapped, 'base64'),
        EncryptionContext: contextOf(input.customer.organization),
      }),
    );
  const describe = ({ platformKey }: BareInput) =>
    control.send(new DescribeKeyCommand({ KeyId: platformKey }));
  const tags = ({ platformKey }: BareInput) =>
    control.send(new ListResourceTagsCommand({ KeyId: platformKey }));

  return {
    insert: async (inserted: Inserted): Promise<void> => insert(inserted),
    async verify(input: BareInput, type: string): Promise<void> {
      await key.verify(input.customer);
      await insert({ run: input.run, type, nth: 0 });
    },
    async rewrap(input: BareInput): Promise<void> {
      const { Plaintext } = await unwrapPlatform(input);
      await key.wrapAndUnwrap(input.customer, Plaintext ?? new Uint8Array());
      await insert({ run: input.run, type: 'envelope-staged', nth: 0 });
    },
    async mint(input: BareInput): Promise<void> {
      await key.wrapAndUnwrap(input.customer, randomBytes(32));
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

/** Ids of the recorded run become this run's: the first half stays, so that they remain apart. */
const renamed = (json: string, run: string): string =>
  json.replaceAll(UUID, (id) => `${id.slice(0, 18)}${run.slice(18)}`);
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
