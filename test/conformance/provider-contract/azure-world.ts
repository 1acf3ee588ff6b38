import { createPrivateKey, randomBytes, randomUUID } from 'node:crypto';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import { type JsonWebKey, KeyClient } from '@azure/keyvault-keys';
import {
  type AzureConnection,
  azureConnectionInput,
  keyNameToken,
  newConnection,
} from '../../../domain/connection';
import type { ConnectionId, KeyRef, OrganizationId } from '../../../domain/ids';
import type { AzureCloud } from '../../../domain/intake/azure';
import { azureRoleDefinition } from '../../../domain/set-up/azure';
import { EmulatorAgent } from '../../../emulators/azure/agent';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import {
  type AzureEmulator,
  type AzureEmulatorOptions,
  startAzureEmulator,
} from '../../../emulators/azure/emulator';
import { createAzureKeyVaultProvider } from '../../../providers/azure-key-vault/provider';
import { createAzureKeyVaultVerifier } from '../../../providers/azure-key-vault/verifier';
import type { CallRecord } from '../../../providers/calls/call';
import type {
  AzureIdentity,
  AzureIdentityInUse,
  AzureIdentityOf,
} from '../../../providers/credentials/azure';
import { azureApp } from '../../../providers/credentials/azure-app';
import { certificateProof } from '../../../providers/credentials/azure-proof';
import type { CredentialOwner } from '../../../providers/credentials/entra-rules';
import { createEgress, type Egress } from '../../../providers/egress/egress';

/** The role's only data actions, as the customer is told to define it. */
export const ROLE = {
  name: 'smsk-wrap-and-unwrap',
  dataActions: azureRoleDefinition('contoso')['DataActions'] as string[],
};
const DAY_MS = 86_400_000;

/** The emulated cloud, with the operator's multi-tenant app in it. Making its RSA keys takes longest, so it's shared. */
export class AzureWorld {
  readonly operator: { readonly tenantId: string };
  readonly appId: string;
  readonly certificate: ReturnType<typeof makeAppCertificate>;
  readonly egress: Egress;
  readonly agent: EmulatorAgent;
  /** What customers import as their vault's key: the certificate's, to make one less. */
  readonly material: JsonWebKey;

  private constructor(
    readonly emulator: AzureEmulator,
    now: number,
  ) {
    const { ca, url, port } = emulator;
    this.agent = new EmulatorAgent({ url, ca, resolves: emulator.resolves });
    this.egress = createEgress({
      mode: 'development',
      emulators: { azure: { url: `https://127.0.0.1:${port}`, ca } },
    });
    this.operator = emulator.administer('POST tenants', { name: 'operator' });
    const { tenantId } = this.operator;
    this.appId = emulator.administer('POST apps', { tenantId, name: 'keys', multiTenant: true }).appId;
    const validity = { notBefore: now - DAY_MS, notAfter: now + 30 * DAY_MS };
    this.certificate = makeAppCertificate({ commonName: 'worker', ...validity });
    const { certificate, privateKey } = this.certificate;
    emulator.administer('POST apps/certificates', { appId: this.appId, certificate });
    emulator.administer('POST roles', ROLE);
    this.material = importable(privateKey);
  }

  static async start(options: AzureEmulatorOptions = {}): Promise<AzureWorld> {
    return new AzureWorld(await startAzureEmulator(options), (options.clock ?? Date.now)());
  }

  /** A customer's administrator: its own credential, and the SDK's client for keys. */
  keysOf(
    vaultUri: string,
    tenantId: string,
    admin: { clientId: string; clientSecret: string },
    loginHost = 'login.microsoftonline.com',
  ): KeyClient {
    const policy: PipelinePolicy = {
      name: 'toEmulator',
      sendRequest: (request, next) => {
        request.agent = this.agent;
        return next(request);
      },
    };
    const through = {
      additionalPolicies: [{ policy, position: 'perRetry' as const }],
      retryOptions: { maxRetries: 0 },
      authorityHost: `https://${loginHost}`,
    };
    const { clientId, clientSecret } = admin;
    return new KeyClient(
      vaultUri,
      new ClientSecretCredential(tenantId, clientId, clientSecret, through),
      through,
    );
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.egress.close();
    await this.emulator.close();
  }
}

/** One world for the tests of a file. */
export function sharedAzureWorld(options: AzureEmulatorOptions = {}): () => AzureWorld {
  let world: AzureWorld | undefined;
  beforeAll(async () => {
    world = await AzureWorld.start(options);
  });
  afterAll(() => world?.close());
  return () => {
    if (world === undefined) throw new Error('the world starts before the tests');
    return world;
  };
}

export interface AzureFixtureOptions {
  readonly clock?: () => number;
  readonly cloud?: AzureCloud;
  /** In place of the operator's app, which serves several organizations. */
  readonly caller?: Partial<AzureIdentityInUse>;
  /** Whose the app's credential is. */
  readonly owner?: CredentialOwner;
  /** In place of an app of ours. */
  readonly identityOf?: AzureIdentityOf;
}

/** A customer of its own, set up as printed, and the provider over it. */
export async function azureFixture(
  world: AzureWorld,
  {
    clock = Date.now,
    cloud = 'public',
    caller = {},
    owner = 'operator',
    ...others
  }: AzureFixtureOptions = {},
) {
  const { emulator, egress, appId } = world;
  const { tenantId, admin } = emulator.administer('POST tenants', { name: 'customer', cloud });
  const { objectId } = emulator.administer('POST service-principals', { tenantId, appId });
  const vaultName = `contoso-${randomBytes(6).toString('hex')}`;
  const vault = emulator.administer('POST vaults', { name: vaultName, tenantId, diagnostics: true });
  const organization = randomUUID() as OrganizationId;
  const externalId = `smsk-${randomBytes(20).toString('hex')}`;
  const keyName = keyNameToken(externalId);
  const key = `${vault.vaultUri}keys/${keyName}`;
  const keys = world.keysOf(vault.vaultUri, tenantId, admin, LOGIN_HOSTS[cloud]);
  const assign = (name = keyName, role = ROLE.name): string => {
    const scope = `${vault.resourceId}/keys/${name}`;
    return emulator.administer('POST role-assignments', { scope, principalId: objectId, role }).id;
  };
  const assignment = assign();
  const { id = '' } = await keys.importKey(keyName, world.material);

  const records: CallRecord[] = [];
  const observe = (record: CallRecord): void => void records.push(record);
  const asked: { readonly tenantId: string; readonly renew: boolean }[] = [];
  const app = azureApp({
    clientId: appId,
    prove: certificateProof({ clientId: appId, pem: () => world.certificate.pem, clock }),
    owner,
    egress,
    clock,
    observe,
  });
  const identity: AzureIdentity = {
    clientId: appId,
    token: (where, signal, renew) => {
      asked.push({ tenantId: where.tenantId, renew });
      return app.token(where, signal, renew);
    },
  };
  const inUse = { identity, isOrganizationsOwn: false, ...caller };
  const identityOf = others.identityOf ?? (async () => inUse);
  const options = { egress, identityOf, clock, observe, random: (size: number) => randomBytes(size) };
  const connect = (
    changes: { key?: string; tenantId?: string; reference?: string } = {},
  ): AzureConnection => {
    const { reference } = changes;
    const input = azureConnectionInput.parse({
      provider: 'azure-key-vault',
      tenantId: changes.tenantId ?? tenantId,
      key: changes.key ?? key,
      credential:
        reference === undefined
          ? { kind: 'azure-app', clientId: appId }
          : { kind: 'approved', name: reference },
    });
    return newConnection(randomUUID() as ConnectionId, organization, externalId, input);
  };
  return {
    world,
    emulator,
    tenantId,
    admin,
    objectId,
    vault,
    keys,
    identity,
    /** What was asked of the identity, oldest first. */
    asked,
    key,
    keyName,
    kid: id as KeyRef,
    assign,
    assignment,
    connect,
    options,
    records,
    provider: createAzureKeyVaultProvider(options),
    verifier: createAzureKeyVaultVerifier(options),
    connection: { ...connect(), pinnedKeyRef: id as KeyRef },
    close: async () => {},
  };
}
export type AzureFixture = Awaited<ReturnType<typeof azureFixture>>;

const LOGIN_HOSTS = {
  public: 'login.microsoftonline.com',
  'us-government': 'login.microsoftonline.us',
  china: 'login.chinacloudapi.cn',
} as const;

function importable(privateKey: string): JsonWebKey {
  const { n, e, d, p, q, dp, dq, qi } = createPrivateKey(privateKey).export({ format: 'jwk' });
  const bytes = (text = ''): Uint8Array => Buffer.from(text, 'base64url');
  return {
    kty: 'RSA',
    keyOps: ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'],
    ...{ n: bytes(n), e: bytes(e), d: bytes(d), p: bytes(p), q: bytes(q) },
    ...{ dp: bytes(dp), dq: bytes(dq), qi: bytes(qi) },
  };
}
