import { createHash, generateKeyPairSync } from 'node:crypto';
import type { KmsKey, Material } from '../model/state';
import type { World } from '../model/world';

/** Fresh key material. Its id, like AWS's, is 64 hex digits. */
export function newMaterial(
  world: World,
  key: Pick<KmsKey, 'keyId' | 'keySpec' | 'keyUsage'>,
  rotation: Material['rotation'],
): Material {
  const secret = secretFor(world, key);
  return { id: materialId(key.keyId, secret), createdAt: world.clock(), rotation, secret };
}

/** The same material in the same key has the same id, so that re-import can be recognized. */
export function materialId(keyId: string, secret: string): string {
  return createHash('sha256').update(`${keyId}\n${secret}`).digest('hex');
}

function secretFor(world: World, key: Pick<KmsKey, 'keySpec' | 'keyUsage'>): string {
  if (key.keySpec.startsWith('RSA_') && key.keyUsage === 'ENCRYPT_DECRYPT') {
    const modulusLength = Number(key.keySpec.slice(4));
    return generateKeyPairSync('rsa', { modulusLength })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
  }
  // Signing and MAC keys exist only to be refused: their material is never used.
  return world.random(32).toString('base64');
}

export function currentMaterial(key: KmsKey): Material {
  const material = key.materials.at(-1);
  if (material === undefined) throw new Error(`${key.arn} has no material in state ${key.state}`);
  return material;
}
