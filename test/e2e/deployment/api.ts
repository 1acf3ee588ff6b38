import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { buildApi } from '../../../api/build';
import { codecDeps } from '../../../api/codec/compose';
import { createMessenger } from '../../../api/messenger';
import { createAuthority, provedReferences, trust } from '../../../authority';
import type { WorkspaceCipher } from '../../../cipher';
import type { Role } from '../../../domain/actor';
import { sha256Hex } from '../../../domain/digest';
import { instantOf, type OrganizationId } from '../../../domain/ids';
import { endpointSecret } from '../../../domain/webhook';
import { createMetrics } from '../../../runtime/metrics';
import { webhookKey } from '../../../runtime/notify';
import { dataConverter, payloadSealing } from '../../../runtime/temporal';
import { REGISTERED_ENDS } from '../../fakes/registered-ends';
import type { Deployment } from './deployment';
import { type Terminal, terminal } from './terminal';

export interface Answer {
  readonly status: number;
  /** Of the content. */
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Caller {
  readonly post: (path: string, body: object) => Promise<Answer>;
  readonly get: (path: string) => Promise<Answer>;
}

export interface OpenApi {
  readonly url: string;
  /** Somebody with a token of that role, for one organization or, the operator's own, for all. */
  as(role: Role, organization?: OrganizationId): Promise<Caller>;
  /** The same, who sits at `smsk`. */
  atTerminal(role: Role, organization?: OrganizationId): Promise<Terminal>;
}

/**
 * The API as its process composes it.
 * @param temporal another address than the deployment's own
 */
export async function openApi(
  deployment: Deployment,
  cipher: WorkspaceCipher,
  temporal = deployment.namespace.address,
): Promise<OpenApi> {
  const { runtime, store, signer, signActor, log, namespace, running } = deployment;
  const { config } = runtime;
  const { deployment: name, mode } = config;
  const trusted = trust.parse({ deployment: name, mode, ...config.trust });
  // Nobody is waited for who isn't there.
  const messageDeadlineMs = temporal === namespace.address ? 5_000 : 500;
  const connection = Connection.lazy({ address: temporal, connectTimeout: '2s' });
  const sealing = payloadSealing(runtime, randomBytes);
  const master = webhookKey(runtime.secret(config.notify.webhookKeyFile));
  const app = await buildApi({
    settings: {
      deployment: name,
      mode,
      url: config.api.url,
      principalArn: config.aws.identity.arn,
      azureApps: config.azure.apps,
      egressRanges: config.azure.egressRanges,
      custodyKeys: trusted.custodyKeys,
      orderIssuerKeys: trusted.orderIssuer.keys,
      actorKeys: trusted.actorKeys,
      probeWithinMs: 2_000,
    },
    store,
    messenger: createMessenger(
      new Client({ connection, namespace: namespace.name, dataConverter: dataConverter(sealing) }),
      messageDeadlineMs,
    ),
    authority: createAuthority(trusted),
    references: provedReferences(trusted, store),
    ends: REGISTERED_ENDS,
    certificates: () => [],
    signActor,
    signer,
    cipher,
    codec: codecDeps(config.temporal, sealing),
    endpointSecret: (organization, endpoint) => endpointSecret(master, organization, endpoint),
    behind: new Map(),
    logger: log.logger,
    metrics: createMetrics(),
    now: () => instantOf(Date.now()),
    uuid: randomUUID,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  running.push(async () => {
    await app.close();
    await connection.close();
  });

  const tokenFor = async (role: Role, organization?: OrganizationId): Promise<string> => {
    const token = randomBytes(32).toString('base64url');
    const sha256 = sha256Hex(new TextEncoder().encode(token));
    await store.addToken({ sha256, role, name: `${role}-1`, organization: organization ?? null });
    return token;
  };
  const atTerminal: OpenApi['atTerminal'] = async (role, organization) => {
    const tokenFile = join(deployment.folder, `${randomUUID()}.token`);
    writeFileSync(tokenFile, await tokenFor(role, organization), { mode: 0o600 });
    return terminal({ url, tokenFile });
  };
  const as = async (role: Role, organization?: OrganizationId): Promise<Caller> => {
    const token = await tokenFor(role, organization);
    const ask = async (method: 'GET' | 'POST', path: string, payload?: object): Promise<Answer> => {
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() };
      const response = await fetch(`${url}/v1/organizations${path}`, {
        method,
        headers: payload === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      const type = response.headers.get('content-type') ?? '';
      return { status: response.status, type, text, body: type.includes('json') ? JSON.parse(text) : {} };
    };
    return { post: (path, body) => ask('POST', path, body), get: (path) => ask('GET', path) };
  };
  return { url, as, atTerminal };
}
