import type { KmsKey } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { rsaAlgorithms } from './rsa';

/** What each key spec may be used for; the first usage is the one assumed for symmetric keys only. */
export const usagesOf: Readonly<Record<string, readonly string[]>> = {
  SYMMETRIC_DEFAULT: ['ENCRYPT_DECRYPT'],
  RSA_2048: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  RSA_3072: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  RSA_4096: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  ECC_NIST_P256: ['SIGN_VERIFY', 'KEY_AGREEMENT'],
  ECC_NIST_P384: ['SIGN_VERIFY', 'KEY_AGREEMENT'],
  ECC_NIST_P521: ['SIGN_VERIFY', 'KEY_AGREEMENT'],
  ECC_SECG_P256K1: ['SIGN_VERIFY'],
  HMAC_224: ['GENERATE_VERIFY_MAC'],
  HMAC_256: ['GENERATE_VERIFY_MAC'],
  HMAC_384: ['GENERATE_VERIFY_MAC'],
  HMAC_512: ['GENERATE_VERIFY_MAC'],
};

const eccHash: Readonly<Record<string, string>> = {
  ECC_NIST_P384: 'ECDSA_SHA_384',
  ECC_NIST_P521: 'ECDSA_SHA_512',
};
const rsaSigning = ['RSASSA_PKCS1_V1_5', 'RSASSA_PSS'].flatMap((kind) =>
  ['256', '384', '512'].map((bits) => `${kind}_SHA_${bits}`),
);

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html; times in seconds. */
export function metadataOf(key: KmsKey): Record<string, unknown> {
  return {
    AWSAccountId: key.account,
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: key.createdAt / 1000,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.keyUsage,
    KeyState: key.state,
    ...(key.deletionAt === undefined ? {} : { DeletionDate: key.deletionAt / 1000 }),
    Origin: key.origin,
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.keySpec,
    KeySpec: key.keySpec,
    ...algorithmsOf(key),
    MultiRegion: key.multiRegion,
    ...(key.multiRegion
      ? {
          MultiRegionConfiguration: {
            MultiRegionKeyType: 'PRIMARY',
            PrimaryKey: { Arn: key.arn, Region: key.region },
            ReplicaKeys: [],
          },
        }
      : {}),
    ...(key.origin === 'EXTERNAL' && key.state !== 'PendingImport'
      ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
      : {}),
    ...(key.keySpec === 'SYMMETRIC_DEFAULT' && key.materials.length > 0
      ? { CurrentKeyMaterialId: key.materials.at(-1)?.id }
      : {}),
  };
}

function algorithmsOf(key: KmsKey): Record<string, readonly string[]> {
  switch (key.keyUsage) {
    case 'ENCRYPT_DECRYPT':
      return {
        EncryptionAlgorithms: key.keySpec === 'SYMMETRIC_DEFAULT' ? ['SYMMETRIC_DEFAULT'] : rsaAlgorithms,
      };
    case 'SIGN_VERIFY':
      return {
        SigningAlgorithms: key.keySpec.startsWith('RSA_')
          ? rsaSigning
          : [eccHash[key.keySpec] ?? 'ECDSA_SHA_256'],
      };
    case 'GENERATE_VERIFY_MAC':
      return { MacAlgorithms: [key.keySpec.replace('HMAC_', 'HMAC_SHA_')] };
    case 'KEY_AGREEMENT':
      return { KeyAgreementAlgorithms: ['ECDH'] };
    default:
      throw new AwsError('KMSInternalException', `unknown key usage ${key.keyUsage}`, 500);
  }
}
