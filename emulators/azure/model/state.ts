import type { Cloud } from '../clouds';
import type { TlsMaterial } from '../tls/authority';

/** Everything the emulated cloud remembers. Times are epoch milliseconds, keys are PKCS #8 PEM. */

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly cloud: Cloud;
}

export interface AppCertificate {
  readonly pem: string;
  /** SHA-1 and SHA-256 of the DER, upper-case hex. */
  readonly sha1: string;
  readonly sha256: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface FederatedCredential {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

export interface AppSecret {
  readonly id: string;
  /** SHA-256, hex. */
  readonly digest: string;
  readonly expiresAt: number;
}

/** An app registration, in its home tenant. */
export interface App {
  readonly appId: string;
  readonly name: string;
  readonly tenantId: string;
  readonly multiTenant: boolean;
  readonly certificates: Map<string, AppCertificate>;
  readonly federated: Map<string, FederatedCredential>;
  readonly secrets: Map<string, AppSecret>;
}

/** An app installed in a tenant, or a managed identity. */
export interface ServicePrincipal {
  readonly objectId: string;
  readonly appId: string;
  readonly tenantId: string;
  readonly managedIdentity: boolean;
  enabled: boolean;
  blockedByConditionalAccess: boolean;
}

/** An OpenID provider outside Entra, such as a Kubernetes cluster. */
export interface OutsideIssuer {
  readonly issuer: string;
  /** Absent where only its public keys were registered. */
  readonly privateKey: string | undefined;
  readonly keys: readonly { readonly kid: string; readonly publicKey: string }[];
}

export interface KeyVersion {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly kty: 'RSA' | 'RSA-HSM' | 'EC' | 'EC-HSM';
  readonly crv: string | undefined;
  readonly privateKey: string;
  readonly createdAt: number;
  updatedAt: number;
  enabled: boolean;
  notBefore: number | undefined;
  expires: number | undefined;
  operations: readonly string[];
  tags: Readonly<Record<string, string>> | undefined;
}

export interface Deletion {
  readonly at: number;
  readonly purgeAt: number;
}

export interface VaultKey {
  readonly name: string;
  /** Oldest first; the last one is what a versionless identifier means. */
  readonly versions: KeyVersion[];
  deleted: Deletion | undefined;
}

export interface SecretVersion {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly value: string;
  readonly createdAt: number;
  contentType: string | undefined;
  updatedAt: number;
  enabled: boolean;
  notBefore: number | undefined;
  expires: number | undefined;
}

export interface VaultSecret {
  readonly name: string;
  /** Oldest first; the last one is what a versionless identifier means. */
  readonly versions: SecretVersion[];
  deleted: Deletion | undefined;
}

export interface Firewall {
  readonly defaultAction: 'Allow' | 'Deny';
  /** IPv4 addresses and CIDR ranges. */
  readonly ipRules: readonly string[];
}

export interface Vault {
  readonly name: string;
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly premium: boolean;
  readonly retentionDays: number;
  /** By lower-case name. */
  readonly keys: Map<string, VaultKey>;
  /** By lower-case name. */
  readonly secrets: Map<string, VaultSecret>;
  /** Object id to key permissions, while `rbac` is off. */
  readonly accessPolicies: Map<string, readonly string[]>;
  /** The same for secrets. */
  readonly secretPolicies: Map<string, readonly string[]>;
  rbac: boolean;
  purgeProtection: boolean;
  firewall: Firewall;
  /** Whether AuditEvent rows are kept. */
  diagnostics: boolean;
  /** Requests per ten seconds; undefined: as many as come. */
  requestLimit: number | undefined;
  deleted: Deletion | undefined;
}

export interface CustomRole {
  readonly dataActions: readonly string[];
  /** Resource ids at or below which it can be assigned, in lower case; `/`: everywhere. */
  readonly assignableScopes: readonly string[];
}

export interface RoleAssignment {
  readonly id: string;
  /** The resource id of a vault, or of one key in it; compared in lower case. */
  readonly scope: string;
  readonly principalId: string;
  readonly role: string;
}

export interface State {
  readonly tls: TlsMaterial;
  /** Signs Entra's tokens. */
  readonly tokenKey: { readonly kid: string; readonly privateKey: string };
  readonly tenants: Map<string, Tenant>;
  readonly apps: Map<string, App>;
  /** By object id. */
  readonly principals: Map<string, ServicePrincipal>;
  readonly issuers: Map<string, OutsideIssuer>;
  /** By cloud and lower-case name, `public/contoso`. */
  readonly vaults: Map<string, Vault>;
  /** Custom roles, by name. */
  readonly roles: Map<string, CustomRole>;
  readonly assignments: Map<string, RoleAssignment>;
}
