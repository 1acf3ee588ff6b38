import { Agent } from 'node:http';
import {
  type AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  KMS,
  KmsKeyringNode,
  type KmsNodeClientSupplier,
  NodeCachingMaterialsManager,
} from '@aws-crypto/client-node';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { WorkspaceCipher } from '../../../cipher';
import type { OrganizationId } from '../../../domain/ids';

/** What is measured: one content operation, either way. */
export interface Contestant {
  encrypt(plaintext: Uint8Array): Promise<Uint8Array>;
  decrypt(ciphertext: Uint8Array): Promise<Uint8Array>;
}

const CONTEXT = { table: 'documents', column: 'body', row: '7d1f9c52' };

export function ours(cipher: WorkspaceCipher, organization: OrganizationId): Contestant {
  return {
    encrypt: (plaintext) => cipher.encrypt(organization, plaintext, CONTEXT),
    decrypt: (ciphertext) => cipher.decrypt(organization, ciphertext, CONTEXT),
  };
}

export interface SdkOptions {
  readonly kms: KmsNodeClientSupplier;
  readonly keyArn: string;
  readonly suite: AlgorithmSuiteIdentifier;
  /** How long its cache serves an unwrapped key; `null` has no cache. No other limit is set: the fastest it goes. */
  readonly cacheMs: number | null;
}

/** The AWS Encryption SDK for JavaScript. */
export function encryptionSdk({ kms, keyArn, suite, cacheMs }: SdkOptions): Contestant {
  const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new KmsKeyringNode({ clientProvider: kms, generatorKeyId: keyArn });
  const materials =
    cacheMs === null
      ? keyring
      : new NodeCachingMaterialsManager({
          backingMaterials: keyring,
          cache: getLocalCryptographicMaterialsCache(1_000),
          maxAge: cacheMs,
        });
  return {
    encrypt: async (plaintext) =>
      (await encrypt(materials, plaintext, { encryptionContext: CONTEXT, suiteId: suite })).result,
    decrypt: async (ciphertext) => (await decrypt(materials, ciphertext)).plaintext,
  };
}

/** Its way to the key, with as many connections as there are operations, kept alive, as our own provider has. */
export function kmsClients(
  endpoint: string,
  region: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
): { readonly kms: KmsNodeClientSupplier; close(): void } {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256, scheduling: 'lifo' });
  const kms = new KMS({
    region,
    endpoint,
    credentials,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ httpAgent }),
  });
  // The two packages only differ in whether an absent member may also be `undefined`.
  const supplier = (() => kms) as unknown as KmsNodeClientSupplier;
  return { kms: supplier, close: () => httpAgent.destroy() };
}
