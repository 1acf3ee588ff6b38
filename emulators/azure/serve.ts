import { around, type Pace } from '../faults/around';
import type { Counters } from '../keeping/counters';
import { json } from '../loopback/control';
import { type Answer, header, type Outcome, type WireRequest } from '../loopback/wire';
import { type Cloud, cloudOfLoginHost, loginHostOf, vaultOfHost } from './clouds';
import { issuerKeys } from './entra/discovery';
import { managedIdentityEndpoint } from './entra/managed-identity';
import { EntraError, refusalAnswer as entraRefusal } from './entra/refusal';
import { type EntraCall, entraCall, performEntra } from './entra/service';
import type { Effect, Faults, Hit } from './faults';
import type { World } from './model/world';
import { issuersHost } from './tls/authority';
import { addressed } from './vault/call';
import { type Arrived, performVault } from './vault/perform';
import { VaultError, refusalAnswer as vaultRefusal } from './vault/refusal';
import type { RequestLimit } from './vault/request-limit';

export interface Served {
  readonly world: World;
  readonly faults: Faults;
  readonly counters: Counters;
  readonly pace: Pace;
  readonly limit: RequestLimit;
  readonly sleep: (ms: number) => Promise<void>;
}

/** One request, by the host it's meant for. */
export async function serve(served: Served, request: WireRequest): Promise<Outcome> {
  const host = hostOf(request);
  const loginCloud = cloudOfLoginHost(host);
  if (loginCloud !== undefined) return serveEntra(served, loginCloud, request);
  const named = vaultOfHost(host);
  if (named !== undefined) return serveVault(served, named, request);
  if (host === issuersHost) return serveIssuer(served, request);
  if (request.target.startsWith('/msi/token?')) return serveIdentity(served, request);
  return json(404, { error: 'no such host' });
}

/** Whether a resolver knows the name. A soft-deleted vault keeps its name. */
export function resolves(world: World, name: string): boolean {
  const host = name.toLowerCase();
  const vault = vaultOfHost(host);
  if (vault !== undefined) return world.vault(vault.cloud, vault.name) !== undefined;
  return host === issuersHost || cloudOfLoginHost(host) !== undefined;
}

function serveEntra(served: Served, cloud: Cloud, request: WireRequest): Promise<Outcome> {
  const { world, counters } = served;
  const call = entraCall(world, cloud, request);
  const hits = served.faults.take({
    service: 'entra',
    action: call.action,
    tenantId: call.tenantNamed,
    appId: (call.form.get('client_id') ?? '').toLowerCase(),
    challenge: false,
  });
  return around(hits, served.pace, served.sleep, () => {
    const effect = errorIn(hits)?.effect;
    const answer = effect === undefined ? performEntra(world, call) : injectedEntra(world, call, effect);
    counters.add(`entra:${call.action}`, answer.errorCode ?? 'ok');
    return answer;
  });
}

function serveVault(
  served: Served,
  named: { name: string; cloud: Cloud },
  request: WireRequest,
): Promise<Outcome> | Outcome {
  const { world, counters } = served;
  const path = addressed(request);
  const action = path.operation ?? 'Unknown';
  const challenge = header(request, 'authorization') === undefined;
  const hits = served.faults.take({
    service: 'vault',
    action,
    vault: named.name,
    [path.collection === 'keys' ? 'key' : 'secret']: path.name.toLowerCase(),
    version: path.version,
    tenantId: world.vault(named.cloud, named.name)?.tenantId ?? '',
    challenge,
  });
  return around(hits, served.pace, served.sleep, () => {
    const vault = world.vault(named.cloud, named.name);
    const requestId = world.uuid();
    const hit = errorIn(hits);
    const answer =
      vault === undefined || vault.deleted !== undefined
        ? vaultGone(named.name, requestId)
        : decideVault({ world, vault, addressed: path, request, requestId, limit: served.limit }, hit);
    counters.add(`vault:${action}`, challenge ? 'challenge' : (answer.errorCode ?? 'ok'));
    return answer;
  });
}

type ErrorHit = Hit & { readonly effect: Extract<Effect, { kind: 'error' }> };

function decideVault(arrived: Arrived, hit: ErrorHit | undefined): Answer {
  if (hit === undefined) return performVault(arrived);
  const { effect, id } = hit;
  const error = new VaultError(effect.status, effect.code, effect.message, effect.inner, effect.headers);
  const named = effect.requestId === undefined ? arrived : { ...arrived, requestId: effect.requestId };
  const answer = performVault(named, { error, faultId: id });
  return effect.body === undefined || answer.status === 401 ? answer : { ...answer, body: effect.body };
}

function injectedEntra(world: World, call: EntraCall, effect: ErrorHit['effect']): Answer {
  const number = Number(effect.code.replace(/^AADSTS/, ''));
  const error = new EntraError(effect.oauth, number, effect.message, effect.status);
  const traced = { ...call.traced, traceId: effect.requestId ?? call.traced.traceId };
  const answer = entraRefusal(error, traced, world.clock(), loginHostOf(call.cloud));
  return { ...answer, headers: { ...answer.headers, ...effect.headers }, body: effect.body ?? answer.body };
}

function errorIn(hits: readonly Hit[]): ErrorHit | undefined {
  return hits.find((hit): hit is ErrorHit => hit.effect.kind === 'error');
}

function vaultGone(name: string, requestId: string): Answer {
  const error = new VaultError(404, 'VaultNotFound', `The vault '${name}' was not found.`);
  return vaultRefusal(error, { 'content-type': 'application/json', 'x-ms-request-id': requestId });
}

/** Issuers outside Entra publish their keys where their OpenID configuration would say. */
function serveIssuer({ world }: Served, request: WireRequest): Answer {
  const path = request.target.split('?')[0] ?? '';
  const [, name = '', tail = ''] = /^\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const url = `https://${issuersHost}/${name}`;
  const issuer = world.state.issuers.get(url);
  if (issuer !== undefined && tail === '.well-known/openid-configuration')
    return json(200, {
      issuer: url,
      jwks_uri: `${url}/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
  if (issuer !== undefined && tail === 'keys') return json(200, issuerKeys(issuer));
  return json(404, { error: 'no such issuer' });
}

function serveIdentity({ world, counters }: Served, request: WireRequest): Answer {
  const query = new URL(request.target, 'https://localhost').searchParams;
  const { status, body } = managedIdentityEndpoint(world, query, header(request, 'x-identity-header'));
  counters.add('identity:Token', status === 200 ? 'ok' : String(status));
  return json(status, body);
}

/** A defect, in the shape that either service gives an internal error. */
export function internalFailure(requestId: string, error: unknown): Answer {
  const message = error instanceof Error ? `emulator defect: ${error.message}` : 'emulator defect';
  return {
    status: 500,
    headers: { 'content-type': 'application/json', 'x-ms-request-id': requestId },
    body: JSON.stringify({ error: { code: 'InternalServerError', message } }),
  };
}

function hostOf(request: WireRequest): string {
  return (header(request, 'host') ?? '').replace(/:\d+$/, '').toLowerCase();
}
