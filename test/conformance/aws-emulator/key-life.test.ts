import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyRotationStatusCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { type Cloud, type Person, refusal, startCloud } from './cloud';

const dayMs = 86_400_000;

describe('the life of a key', () => {
  let cloud: Cloud;
  let admin: Person;
  let aheadMs = 0;

  beforeAll(async () => {
    cloud = await startCloud({ clock: () => Date.now() + aheadMs });
    admin = cloud.admin('customer');
  });
  afterAll(() => cloud.close());

  const makeKey = async (input = {}): Promise<string> =>
    (await admin.kms.send(new CreateKeyCommand(input))).KeyMetadata?.Arn ?? '';
  const seal = async (KeyId: string): Promise<Uint8Array> =>
    (await admin.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }))).CiphertextBlob ??
    new Uint8Array();
  const open = async (CiphertextBlob: Uint8Array): Promise<string> =>
    Buffer.from((await admin.kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? []).toString();
  const later = (ms: number): void => {
    aheadMs += ms;
    // The SDK signs at its own time; this is how it keeps step with a server whose clock is ahead.
    admin.kms.config.systemClockOffset = aheadMs;
  };

  it('pending deletion, cancelled: comes back disabled', async () => {
    const KeyId = await makeKey();
    const scheduled = await admin.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyId, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    const made = (await admin.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
    expect(made?.DeletionDate).toEqual(scheduled.DeletionDate);
    expect(await refusal(seal(KeyId))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${KeyId} is pending deletion.`,
    });
    const enable = admin.kms.send(new EnableKeyCommand({ KeyId }));
    expect(await refusal(enable)).toMatchObject({ name: 'KMSInvalidStateException' });
    await admin.kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect((await admin.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({
      KeyState: 'Disabled',
      Enabled: false,
    });
    expect(await refusal(seal(KeyId))).toMatchObject({ name: 'DisabledException' });
    await admin.kms.send(new EnableKeyCommand({ KeyId }));
    await seal(KeyId);
  });

  it('is really gone when its date has passed, with its aliases', async () => {
    const KeyId = await makeKey();
    const sealed = await seal(KeyId);
    await admin.kms.send(new CreateAliasCommand({ AliasName: 'alias/doomed', TargetKeyId: KeyId }));
    await admin.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    later(7 * dayMs - 60_000);
    expect((await admin.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe(
      'PendingDeletion',
    );
    later(60_000);
    expect(await refusal(admin.kms.send(new DescribeKeyCommand({ KeyId })))).toMatchObject({
      name: 'NotFoundException',
      message: `Key '${KeyId}' does not exist`,
    });
    expect((await refusal(open(sealed))).message).toContain('the resource does not exist in this Region');
    const aliases = await admin.kms.send(new ListAliasesCommand({}));
    expect(aliases.Aliases?.map((a) => a.AliasName)).not.toContain('alias/doomed');
    const keys = await admin.kms.send(new ListKeysCommand({}));
    expect(keys.Keys?.map((k) => k.KeyArn)).not.toContain(KeyId);
    expect(cloud.emulator.trail().find((r) => r.eventName === 'DeleteKey')?.resources?.[0]?.ARN).toBe(KeyId);
  });

  it('rotates on demand and by the calendar; old material still decrypts', async () => {
    const KeyId = await makeKey();
    const first = await seal(KeyId);
    await admin.kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    const second = await seal(KeyId);
    await admin.kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    const status = await admin.kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(status).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 });
    later(90 * dayMs);
    const third = await seal(KeyId);
    const ids: (string | undefined)[] = [];
    for (const CiphertextBlob of [first, second, third]) {
      const opened = await admin.kms.send(new DecryptCommand({ KeyId, CiphertextBlob }));
      expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret');
      ids.push(opened.KeyMaterialId);
    }
    expect(new Set(ids).size).toBe(3);
    const listed = await admin.kms.send(
      new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
    );
    expect(listed.Rotations?.map((r) => [r.KeyMaterialId, r.RotationType, r.KeyMaterialState])).toEqual([
      [ids[0], undefined, 'NON_CURRENT'],
      [ids[1], 'ON_DEMAND', 'NON_CURRENT'],
      [ids[2], 'AUTOMATIC', 'CURRENT'],
    ]);
    expect((await admin.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId).toBe(
      ids[2],
    );
  });

  it('is found by alias, and an alias can move', async () => {
    const [one, two] = [await makeKey(), await makeKey()];
    const name = 'alias/workspace';
    const at = async (): Promise<string | undefined> =>
      (await admin.kms.send(new EncryptCommand({ KeyId: name, Plaintext: Buffer.from('x') }))).KeyId;
    await admin.kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: one }));
    expect(await at()).toBe(one);
    const again = admin.kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: two }));
    expect(await refusal(again)).toMatchObject({ name: 'AlreadyExistsException' });
    await admin.kms.send(new UpdateAliasCommand({ AliasName: name, TargetKeyId: two }));
    expect(await at()).toBe(two);
    await admin.kms.send(new DeleteAliasCommand({ AliasName: name }));
    expect(await refusal(at())).toMatchObject({ name: 'NotFoundException' });
  });

  it('multi-Region keys show it in their id', async () => {
    const made = await admin.kms.send(new CreateKeyCommand({ MultiRegion: true }));
    expect(made.KeyMetadata).toMatchObject({
      MultiRegion: true,
      KeyId: expect.stringMatching(/^mrk-[0-9a-f]{32}$/),
    });
    expect(await open(await seal(made.KeyMetadata?.Arn ?? ''))).toBe('secret');
  });

  it('external material: none, imported, deleted, the same again, and no other', async () => {
    const KeyId = await makeKey({ Origin: 'EXTERNAL' });
    const pending = { name: 'KMSInvalidStateException', message: `${KeyId} is pending import.` };
    expect(await refusal(seal(KeyId))).toMatchObject(pending);
    const bring = async (material: Buffer): Promise<unknown> => {
      const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' } as const;
      const given = await admin.kms.send(new GetParametersForImportCommand({ KeyId, ...wrapping }));
      const key = createPublicKey({ key: Buffer.from(given.PublicKey ?? []), format: 'der', type: 'spki' });
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const EncryptedKeyMaterial = publicEncrypt({ key, padding, oaepHash: 'sha256' }, material);
      const ExpirationModel = 'KEY_MATERIAL_DOES_NOT_EXPIRE';
      return admin.kms.send(
        new ImportKeyMaterialCommand({
          KeyId,
          ImportToken: given.ImportToken,
          EncryptedKeyMaterial,
          ExpirationModel,
        }),
      );
    };
    const material = randomBytes(32);
    await bring(material);
    const sealed = await seal(KeyId);
    await admin.kms.send(new DeleteImportedKeyMaterialCommand({ KeyId }));
    expect(await refusal(open(sealed))).toMatchObject(pending);
    expect(await refusal(bring(randomBytes(32)))).toMatchObject({ name: 'IncorrectKeyMaterialException' });
    await bring(material);
    expect(await open(sealed)).toBe('secret');
  });

  it('unavailable, as keys of a disconnected store are', async () => {
    const KeyId = await makeKey();
    cloud.emulator.setKeyState(KeyId, 'Unavailable');
    expect(await refusal(seal(KeyId))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${KeyId} is unavailable.`,
    });
  });

  it('data keys and re-encryption', async () => {
    const [one, two] = [await makeKey(), await makeKey()];
    const EncryptionContext = { a: '1' };
    const made = await admin.kms.send(
      new GenerateDataKeyCommand({ KeyId: one, KeySpec: 'AES_256', EncryptionContext }),
    );
    expect(made.Plaintext).toHaveLength(32);
    const moved = await admin.kms.send(
      new ReEncryptCommand({
        CiphertextBlob: made.CiphertextBlob,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: two,
      }),
    );
    expect(moved).toMatchObject({ SourceKeyId: one, KeyId: two });
    const opened = await admin.kms.send(
      new DecryptCommand({ KeyId: two, CiphertextBlob: moved.CiphertextBlob }),
    );
    expect(Buffer.from(opened.Plaintext ?? []).equals(Buffer.from(made.Plaintext ?? []))).toBe(true);
    const blind = await admin.kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: one, NumberOfBytes: 64 }),
    );
    expect(blind).not.toHaveProperty('Plaintext');
    expect(
      (await admin.kms.send(new DecryptCommand({ CiphertextBlob: blind.CiphertextBlob }))).Plaintext,
    ).toHaveLength(64);
  });
});
