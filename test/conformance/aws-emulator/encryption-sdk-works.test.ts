import {
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  KMS,
  KmsKeyringNode,
  NodeCachingMaterialsManager,
} from '@aws-crypto/client-node';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { type Cloud, type Person, region, startCloud } from './cloud';

type ClientProvider = NonNullable<
  NonNullable<ConstructorParameters<typeof KmsKeyringNode>[0]>['clientProvider']
>;

/** The AWS Encryption SDK is what the benchmarks compare with, on this emulator. */
describe('the AWS Encryption SDK works against the emulator', () => {
  let cloud: Cloud;
  let admin: Person;
  let keyring: KmsKeyringNode;
  const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const encryptionContext = { 'smsk:org': 'acme' };
  const calls = (action: string): number => cloud.emulator.counters()[`kms:${action}`]?.['ok'] ?? 0;

  beforeAll(async () => {
    cloud = await startCloud();
    admin = cloud.admin('customer');
    const generatorKeyId = (await admin.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    const { accessKeyId, secretAccessKey } = admin.credentials;
    const client = new KMS({
      endpoint: cloud.emulator.url,
      region,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    });
    // Its types were written without exactOptionalPropertyTypes; at run time this is the client it wants.
    const clientProvider = (() => client) as unknown as ClientProvider;
    keyring = new KmsKeyringNode({ generatorKeyId, clientProvider });
  });
  afterAll(() => cloud.close());

  it('uncached: one call each way', async () => {
    const { result } = await encrypt(keyring, 'a record', { encryptionContext });
    const { plaintext, messageHeader } = await decrypt(keyring, result);
    expect(plaintext.toString()).toBe('a record');
    expect(messageHeader.encryptionContext).toMatchObject(encryptionContext);
    expect([calls('GenerateDataKey'), calls('Decrypt')]).toEqual([1, 1]);
  });

  it('with its caching manager: fewer calls', async () => {
    const cache = getLocalCryptographicMaterialsCache(10);
    const manager = new NodeCachingMaterialsManager({ backingMaterials: keyring, cache, maxAge: 60_000 });
    const before = calls('GenerateDataKey');
    for (let i = 0; i < 3; i += 1)
      await encrypt(manager, `record ${i}`, { encryptionContext, plaintextLength: 8 });
    expect(calls('GenerateDataKey') - before).toBe(1);
  });
});
