/** Everything the emulated cloud remembers. Times are epoch milliseconds, material is base64. */

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  readonly createdAt: number;
  status: 'Active' | 'Inactive';
}

export interface User {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdAt: number;
  readonly policies: Map<string, string>;
  readonly accessKeys: Map<string, AccessKey>;
}

export interface Role {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdAt: number;
  readonly policies: Map<string, string>;
  readonly description: string;
  readonly maxSessionSeconds: number;
  trustPolicy: string;
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly users: Map<string, User>;
  readonly roles: Map<string, Role>;
}

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport' | 'Unavailable';

export interface Material {
  readonly id: string;
  readonly createdAt: number;
  /** How this material became the current one; the first has none. */
  readonly rotation: 'AUTOMATIC' | 'ON_DEMAND' | undefined;
  /** 32 bytes for SYMMETRIC_DEFAULT, a PKCS #8 PEM for RSA encryption keys; undefined while imported material is deleted. */
  secret: string | undefined;
}

export interface KmsKey {
  readonly keyId: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: number;
  readonly description: string;
  readonly keySpec: string;
  readonly keyUsage: string;
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  readonly multiRegion: boolean;
  readonly tags: Map<string, string>;
  /** Oldest first; the last one encrypts. */
  readonly materials: Material[];
  state: KeyState;
  policy: string;
  deletionAt: number | undefined;
  rotation: { periodDays: number; nextAt: number } | undefined;
}

export interface Alias {
  /** `alias/…` */
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: number;
  updatedAt: number;
  targetArn: string;
}

export interface SecretVersion {
  /** UUID. */
  readonly id: string;
  readonly createdAt: number;
  readonly string: string | undefined;
  readonly binary: string | undefined;
}

export interface Secret {
  /** Ends in a hyphen and six characters, so that one made again under the name is another. */
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Oldest first; the last one is current. */
  readonly versions: SecretVersion[];
  recoveryDays: number;
  deletedAt: number | undefined;
}

export interface StoredObject {
  readonly text: string;
  /** As whoever put it promised it, base64. */
  readonly sha256: string | undefined;
  readonly createdAt: number;
  /** Under COMPLIANCE until then, epoch milliseconds. */
  readonly retainedUntil: number | undefined;
}

export interface Bucket {
  /** Unique over all accounts. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly hasObjectLock: boolean;
  readonly objects: Map<string, StoredObject>;
}

export interface State {
  /** Authenticates ciphertext headers and seals session tokens; base64, 32 bytes. */
  readonly serviceSecret: string;
  readonly accounts: Map<string, Account>;
  /** by key ARN */
  readonly keys: Map<string, KmsKey>;
  /** by alias ARN */
  readonly aliases: Map<string, Alias>;
  /** by secret ARN */
  readonly secrets: Map<string, Secret>;
  /** by name */
  readonly buckets: Map<string, Bucket>;
}

export function emptyState(random: (size: number) => Buffer): State {
  return {
    serviceSecret: random(32).toString('base64'),
    accounts: new Map(),
    keys: new Map(),
    aliases: new Map(),
    secrets: new Map(),
    buckets: new Map(),
  };
}
