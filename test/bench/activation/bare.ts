import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Client } from '@temporalio/client';
import type { OrganizationId } from '../../../domain/ids';
import { ORGANIZATION_TAG, platformKeyPolicy } from '../../../providers/platform/key-policy';
import { BARE_QUEUES, type BareInput } from './bare-contract';
import type { BareSettings } from './bare-worker';
import { type BenchCustomer, benchCustomer } from './customer';
import type { Recording } from './recording';
import { until } from './until';
import type { World } from './world';

/** The reference: the bare workflow, with two worker processes of its own. */
export class Bare {
  private constructor(
    private readonly world: World,
    private readonly client: Client,
    private readonly customer: BenchCustomer,
    private readonly credentials: BareSettings['credentials'],
  ) {}

  static async open(world: World, client: Client, recording: Recording): Promise<Bare> {
    const { operator, config, aws } = world;
    const read = (file: string) =>
      JSON.parse(readFileSync(file, 'utf8')) as { accessKeyId: string; secretAccessKey: string };
    const credentials = {
      principal: read(operator.principal.file),
      content: read(operator.content.file),
      control: read(operator.control.file),
    };
    await Promise.all(
      (['custody', 'platform'] as const).map((role) => {
        const readyFile = join(world.folder, `bare-${role}.ready`);
        const file = join(world.folder, `bare-${role}.json`);
        const settings: BareSettings = {
          temporal: world.temporal,
          databaseUrl: world.database.url,
          recording,
          endpoint: aws.url,
          region: config.platform.region,
          credentials,
          role,
          readyFile,
        };
        writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
        const worker = 'test/bench/activation/bare-worker.ts';
        return world.node(`bare-${role}`, worker, { BARE_SETTINGS: file }, async () => existsSync(readyFile));
      }),
    );
    const customer = await benchCustomer(world, randomUUID() as OrganizationId, randomUUID());
    return new Bare(world, client, customer, credentials);
  }

  /** A platform key of its own, as the organization's was made before its activation. Not measured. */
  async prepare(): Promise<BareInput> {
    const { aws, config, operator } = this.world;
    const { organization } = this.customer;
    const kms = (credentials: BareSettings['credentials']['control']) =>
      new KMSClient({ region: config.platform.region, endpoint: aws.url, credentials });
    const { KeyMetadata } = await kms(this.credentials.control).send(
      new CreateKeyCommand({
        Policy: platformKeyPolicy(organization, {
          control: operator.control.arn,
          cipher: operator.content.arn,
        }),
        BypassPolicyLockoutSafetyCheck: true,
        Tags: [{ TagKey: ORGANIZATION_TAG, TagValue: organization }],
      }),
    );
    const platformKey = KeyMetadata?.Arn ?? '';
    const { CiphertextBlob } = await kms(this.credentials.content).send(
      new EncryptCommand({
        KeyId: platformKey,
        Plaintext: randomBytes(32),
        EncryptionContext: {
          'smsk:org': organization,
          'smsk:purpose': 'workspace-key',
          'smsk:key-version': '1',
        },
      }),
    );
    return {
      run: randomUUID(),
      customer: this.customer,
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
