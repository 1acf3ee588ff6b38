import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApi } from '../../../api/build';
import { createClient } from '../../../api/client';
import type { ApiDeps } from '../../../api/deps';
import { createActorSigner, createAuthority, provedReferences, type Trust } from '../../../authority';
import type { Role } from '../../../domain/actor';
import type { JsonObject } from '../../../domain/canonical';
import type { Instant, OrganizationId } from '../../../domain/ids';
import { ORDER_TYP } from '../../../domain/order';
import { endpointSecret } from '../../../domain/webhook';
import { openSigner } from '../../../ledger/signer';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { createMetrics } from '../../../runtime/metrics';
import { createPayloadCodec } from '../../../runtime/payload-codec';
import { WEBHOOK_KEY } from '../notices';
import { REGISTERED_ENDS } from '../registered-ends';
import { TEST_SEALING } from '../sealing';
import { FakeCipher } from './cipher';
import { signJws, testKey } from './keys';
import { ApiStore } from './store';
import { PlayedWorkflows } from './workflows';

export const DEPLOYMENT = 'novantra-test' as Trust['deployment'];
export const NOW = '2026-06-01T00:00:00.000Z' as Instant;
export const API_URL = 'https://smsk.novantra.test';
export const UI_ORIGIN = 'https://temporal.novantra.test';
export const ACME = '6f1c1d2e-0000-4000-8000-000000000001' as OrganizationId;
/** The database of acme was put back. */
export const BEHIND: ApiDeps['behind'] = new Map([
  [ACME, { organization: { id: ACME, name: 'acme' }, relation: 'behind', entries: 3, signedEntries: 5 }],
]);
export const GLOBEX = '6f1c1d2e-0000-4000-8000-000000000002' as OrganizationId;

/** The app registration of ours that serves every organization without one of its own. */
export const SHARED_APP = '3f5e2a10-0000-4000-8000-00000000000a';

/** Tokens of the people in it; those of customers are acme's. */
export const TOKENS = {
  support: 'support-token-0123456789',
  'customer-admin': 'admin-token-0123456789ab',
  'customer-auditor': 'auditor-token-0123456789',
  approver: 'approver-token-012345678',
  sre: 'sre-token-0123456789abcd',
  service: 'service-token-0123456789',
  commerce: 'commerce-token-012345678',
} as const satisfies Record<Role, string>;
const OPERATORS: readonly Role[] = ['support', 'sre', 'commerce'];

export interface LogLine {
  readonly level: string;
  readonly event?: string;
  readonly [field: string]: unknown;
}

/** The whole API over fakes of its parts, with acme and globex known to it; `close` it. */
export async function createApiWorld(
  overrides: Partial<ApiDeps> = {},
  settings: Partial<ApiDeps['settings']> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-api-'));
  await createSignerKeys(join(folder, 'signer'));
  const signer = await openSigner({
    folder: join(folder, 'signer'),
    deployment: DEPLOYMENT,
    mode: 'development',
  });
  const { custodyJwk } = await signer.keys();
  const [commerce, actor, approver] = [await testKey(), await testKey(), await testKey()];
  const trusted: Trust = {
    deployment: DEPLOYMENT,
    mode: 'development',
    orderIssuer: { issuer: 'https://commerce.test', keys: [commerce.jwk] },
    actorKeys: [actor.jwk],
    custodyKeys: [custodyJwk],
  };
  const clock = { now: NOW };
  const store = new ApiStore(signer, DEPLOYMENT, () => clock.now);
  const acme = store.addOrganization('acme', ACME);
  const globex = store.addOrganization('globex', GLOBEX);
  for (const [role, token] of Object.entries(TOKENS) as [Role, string][]) {
    const organization = OPERATORS.includes(role) ? null : ACME;
    store.addToken(token, { role, name: `${role}-1`, organization });
  }
  const workflows = new PlayedWorkflows(store, DEPLOYMENT, () => clock.now);
  const cipher = new FakeCipher();
  const log: LogLine[] = [];
  const write = (level: string) => (fields: object) => void log.push({ level, ...fields });
  const metrics = createMetrics();
  const app = await buildApi({
    settings: {
      deployment: DEPLOYMENT,
      mode: 'development',
      url: API_URL,
      principalArn: 'arn:aws:iam::999988887777:role/novantra-smsk',
      azureApps: [{ clientId: SHARED_APP, organization: null }],
      egressRanges: ['203.0.113.7/32'],
      custodyKeys: [custodyJwk],
      orderIssuerKeys: [commerce.jwk],
      actorKeys: [],
      probeWithinMs: 1_000,
      ...settings,
    },
    store: store.asStore,
    messenger: workflows,
    authority: createAuthority(trusted),
    references: provedReferences(trusted, overrides.store ?? store.asStore),
    ends: REGISTERED_ENDS,
    certificates: () => [],
    signActor: await createActorSigner(actor.pem, actor.jwk.kid),
    signer,
    cipher,
    codec: { sealing: TEST_SEALING, payloads: createPayloadCodec(TEST_SEALING), origins: [UI_ORIGIN] },
    endpointSecret: (organization, endpoint) => endpointSecret(WEBHOOK_KEY, organization, endpoint),
    behind: new Map(),
    logger: {
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    } as unknown as ApiDeps['logger'],
    metrics,
    now: () => clock.now,
    uuid: randomUUID,
    ...overrides,
  });

  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  /** An order of the commerce system for acme, unless told otherwise. */
  const order = (claims: JsonObject = {}, key = commerce) =>
    signJws(key, ORDER_TYP, {
      iss: 'https://commerce.test',
      aud: DEPLOYMENT,
      kind: 'order',
      org: ACME,
      orderRef: 'SO-1',
      jti: randomUUID(),
      seq: 1,
      iat: Date.parse(NOW) / 1000,
      exp: Date.parse(NOW) / 1000 + 86_400,
      approver: { thumbprint: approver.jwk.kid, role: 'customer-admin' },
      ...claims,
    });

  return {
    app,
    store,
    acme,
    globex,
    workflows,
    cipher,
    log,
    metrics,
    clock,
    signer,
    trusted,
    commerce,
    approver,
    order,
    /** Where it listens; what it says of itself is `API_URL`. */
    url,
    client: (role: Role) => createClient({ url, token: TOKENS[role] }),
    /** One request as it is, for what the client would never send. */
    request: async (
      role: Role | null,
      method: 'GET' | 'POST',
      path: string,
      options: RequestOptions = {},
    ) => {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(role === null ? {} : { authorization: `Bearer ${TOKENS[role]}` }),
          ...(options.json === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
        ...(options.body === undefined ? {} : { body: options.body }),
        ...(options.redirect === undefined ? {} : { redirect: options.redirect }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
    },
    close: async () => {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}
export type ApiWorld = Awaited<ReturnType<typeof createApiWorld>>;

interface RequestOptions {
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly redirect?: 'manual';
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
