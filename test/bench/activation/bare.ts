import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms';
import type { Client } from '@temporalio/client';
import type { OrganizationId } from '../../../domain/ids';
import { ORGANIZATION_TAG, platformKeyPolicy } from '../../../providers/platform/key-policy';
import { BARE_QUEUES, type BareInput } from './bare-contract';
import { type AwsKeys, contextOf, kmsClient } from './bare-kms';
import type { BareSettings } from './bare-worker';
import { benchCustomer } from './customer';
import type { Recording } from './recording';
import { until } from './until';
import type { World } from './world';

/** The reference: the bare workflow, with two worker processes of its own. */
export class Bare {
  private constructor(
    private readonly world: World,
    private readonly client: Client,
    private readonly settings: Pick<BareSettings, 'aws' | 'credentials'>,
  ) {}

  static async open(world: World, client: Client, recording: Recording): Promise<Bare> {
    const { provider, config, azure } = world;
    const { account, app } = world.operator;
    const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as AwsKeys;
    const credentials = { content: read(account.content.file), control: read(account.control.file) };
    const aws = { endpoint: world.aws.url, region: config.platform.region };
    const caller: BareSettings['caller'] =
      provider === 'aws-kms'
        ? { provider, principal: read(account.principal.file) }
        : { provider, emulator: { url: azure.url, ca: azure.ca }, app };
    await Promise.all(
      (['custody', 'platform'] as const).map((role) => {
        const readyFile = join(world.folder, `bare-${role}.ready`);
        const file = join(world.folder, `bare-${role}.json`);
        const settings: BareSettings = {
          temporal: world.temporal,
          databaseUrl: world.database.url,
          recording,
          caller,
          aws,
          credentials,
          role,
          readyFile,
        };
        writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
        const worker = 'test/bench/activation/bare-worker.ts';
        return world.node(`bare-${role}`, worker, { BARE_SETTINGS: file }, async () => existsSync(readyFile));
      }),
    );
    return new Bare(world, client, { aws, credentials });
  }

  /** A customer and a platform key of its own, as they are there before an activation. Not measured. */
  async prepare(): Promise<BareInput> {
    const { account } = this.world.operator;
    const { aws, credentials } = this.settings;
    const organization = randomUUID() as OrganizationId;
    const externalId = `smsk-${randomBytes(20).toString('hex')}`;
    const { connection, close } = await benchCustomer(this.world, organization, externalId);
    close();
    const { KeyMetadata } = await kmsClient(aws, credentials.control).send(
      new CreateKeyCommand({
        Policy: platformKeyPolicy(organization, {
          control: account.control.arn,
          cipher: account.content.arn,
        }),
        BypassPolicyLockoutSafetyCheck: true,
        Tags: [{ TagKey: ORGANIZATION_TAG, TagValue: organization }],
      }),
    );
    const platformKey = KeyMetadata?.Arn ?? '';
    const { CiphertextBlob } = await kmsClient(aws, credentials.content).send(
      new EncryptCommand({
        KeyId: platformKey,
        Plaintext: randomBytes(32),
        EncryptionContext: contextOf(organization),
      }),
    );
    return {
      run: randomUUID(),
      customer: { organization, externalId, connection },
      platformKey,
      wrapped: Buffer.from(CiphertextBlob ?? []).toString('base64'),
    };
  }

  /** From the start to the workflow's end, each message sent as soon as it may be. @returns milliseconds */
  async activate(input: BareInput): Promise<number> {
    const began = performance.now();
    const handle = await this.client.workflow.start('bareActivation', {
      workflowId: `bare/${input.run}`,
      taskQueue: BARE_QUEUES.custody,
      args: [input],
    });
    const reached = (stage: string) =>
      until(
        () => handle.query<string>('stage'),
        (now) => now === stage,
      );
    const send = (action: string) =>
      handle.executeUpdate<string, [string]>('message', { args: [action], updateId: randomUUID() });
    await reached('setup');
    await send('submitConnection');
    await reached('dry-run');
    await send('launchDryRun');
    await reached('plan');
    await send('reviewDryRun');
    await send('approve');
    await send('launchLive');
    await reached('handoff');
    await send('recordHandoff');
    await handle.result();
    return performance.now() - began;
  }
}
