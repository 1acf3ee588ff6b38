import type { FastifyRequest, preValidationAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import type { RefusalSubject } from '../domain/change';
import { Refusal } from '../domain/failure';
import { findKeyMaterial, type KeyMaterial } from '../domain/intake/key-material';
import type { OrganizationRecord } from '../store/contract';
import { callerOf } from './access';
import type { ApiDeps } from './deps';
import { unjudged } from './unjudged';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a refusal of this route is about, in the ledger; `actor` unless given. */
    about?: RefusalSubject;
    /**
     * Members of the body that are long and random by their own grammar: by path (`jws`, `evidence/jws`). One that
     * is of its grammar isn't scanned; one that isn't, is.
     */
    judged?: Readonly<Record<string, z.ZodType>>;
    /** Content of workspaces: encrypted or decrypted as it comes, kept nowhere, and never looked into. */
    isContent?: boolean;
  }
}

/**
 * Before any field is judged by its grammar: what looks like key material is refused, and the refusal, which
 * holds nothing of the content, is in the ledger (invariant 7). Every route under /v1 gets it; a route says only
 * what it exempts. Headers that no route reads are neither kept nor logged, so they aren't looked at.
 */
export function refuseKeyMaterial(deps: Pick<ApiDeps, 'store' | 'logger'>): preValidationAsyncHookHandler {
  return async (request) => {
    const { isContent = false } = request.routeOptions.config;
    const found = inRequest(request, isContent, NONE);
    if (found === null) return;
    const { organization } = callerOf(request);
    // Only a text that looks like one is worth asking for the digests that people paste.
    const known = organization === null ? NONE : await digestsOf(deps, organization);
    const refused = known.size === 0 ? found : inRequest(request, isContent, known);
    if (refused !== null) await refuseFound(deps, request, refused);
  };
}

/** Puts it on record, in the log and in the ledger of the organization that the route names, and refuses the request. */
export async function refuseFound(
  { store, logger }: Pick<ApiDeps, 'store' | 'logger'>,
  request: FastifyRequest,
  { field, detector, length }: KeyMaterial,
): Promise<never> {
  const { organization, actor } = callerOf(request);
  const found = { channel: 'api', field, detector, length } as const;
  logger.warn(
    {
      event: 'intake.refused',
      reference: request.id,
      ...found,
      actor,
      organization: organization?.name ?? null,
    },
    'key material refused',
  );
  if (organization !== null)
    await store.recordRefusal({
      organization: organization.id,
      subject: request.routeOptions.config.about ?? 'actor',
      code: 'RAW_KEY_MATERIAL',
      actor,
      found,
    });
  throw new Refusal('RAW_KEY_MATERIAL', `${field}: ${detector}, ${length} characters`);
}

const NONE: ReadonlySet<string> = new Set();

function inRequest(
  request: FastifyRequest,
  isContent: boolean,
  known: ReadonlySet<string>,
): KeyMaterial | null {
  const parts: readonly (readonly [string, unknown])[] = [
    ['params', request.params],
    ['querystring', request.query],
    ['headers', readHeaders(request)],
    ['body', isContent ? undefined : unjudged(request.body, request.routeOptions.config.judged)],
  ];
  for (const [where, value] of parts) {
    const found = findKeyMaterial(value, where, known);
    if (found !== null) return found;
  }
  return null;
}

/** The headers a route's schema names. */
function readHeaders({ routeOptions, headers }: FastifyRequest): Record<string, unknown> {
  const schema = routeOptions.schema?.headers as { readonly shape?: object } | undefined;
  return Object.fromEntries(Object.keys(schema?.shape ?? {}).map((name) => [name, headers[name]]));
}

/** What people of this organization paste: the plan's digest, and the thumbprints of those who approve. */
async function digestsOf(
  { store }: Pick<ApiDeps, 'store'>,
  { id, name }: OrganizationRecord,
): Promise<ReadonlySet<string>> {
  const [status, keys] = [await store.status(name), await store.approverKeys(id)];
  const operation = status?.operation;
  const dryRun = operation ? await store.dryRun(operation.id, 'current') : null;
  const digests = [
    dryRun?.planDigest,
    status?.connection?.digest,
    ...keys.map(({ credentialId }) => credentialId),
  ];
  return new Set(digests.filter((digest) => typeof digest === 'string'));
}
