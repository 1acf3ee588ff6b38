import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../app';
import { refusals } from '../app';
import type { ApiDeps } from '../deps';
import { allowOrigins } from './cors';
import { jsonOf, type PayloadJson, payloadOf, payloadsShape } from './payload-json';
import { signInRoutes } from './sign-in';
import { admitStaff, signedIn } from './staff';
import { sealTyped } from './typed';

const ENCODE_LIMIT = 256 * 1024;
/** Of everything on one page of the Web UI. */
const DECODE_LIMIT = 16 * 1024 * 1024;
const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The UI says whether it wants references to stored payloads kept; there are none. */
const querystring = z.object({ preserveStorageRefs: z.string().optional() });
const exchanged = {
  tags: ['codec'],
  querystring,
  body: payloadsShape,
  response: { 200: payloadsShape, ...refusals },
};

/**
 * The codec endpoint of the Temporal Web UI and CLI (https://docs.temporal.io/codec-server). `/encode` is anybody's:
 * it gives no right, and a refusal by status would be shown without our words; so what it finds becomes a sealed
 * marker. `/decode` is for staff, and logged.
 */
export async function codecRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { codec, logger } = deps;
  const cross = allowOrigins(new Set(codec.origins));

  await app.register(async (scope) => {
    scope.addHook('onRequest', cross);
    for (const url of ['/encode', '/decode'])
      scope.options(url, { schema: { hide: true } }, async (_, reply) => reply.code(204).send());

    scope.post(
      '/encode',
      {
        bodyLimit: ENCODE_LIMIT,
        schema: {
          operationId: 'encodePayloads',
          summary: 'Seal what a person typed into the Temporal Web UI; key material becomes a marker',
          ...exchanged,
        },
      },
      async (request) => {
        const { payloads } = request.body as { payloads: PayloadJson[] };
        const sealed = payloads.map((each) => sealTyped(codec.sealing, payloadOf(each)));
        const faults = sealed.flatMap(({ fault }) => (fault === null ? [] : [fault]));
        if (faults.length > 0) {
          const who = await signedIn(deps, request.headers.cookie).catch(() => null);
          const actor = who && { kind: who.role, name: who.name };
          for (const { kind, field, detector, length } of faults)
            logger.warn(
              {
                ...{ event: 'codec.refused', channel: 'temporal-ui', kind, field, detector, length },
                ...{ namespace: namespaceOf(request), actor, reference: request.id },
              },
              'what was typed was not kept',
            );
        }
        return { payloads: sealed.map(({ payload }) => jsonOf(payload)) };
      },
    );

    scope.post(
      '/decode',
      {
        bodyLimit: DECODE_LIMIT,
        onRequest: async (request) => {
          request.caller = await admitStaff(deps, request);
        },
        schema: {
          operationId: 'decodePayloads',
          summary: 'Read payloads in the Temporal Web UI: support and SRE',
          ...exchanged,
        },
      },
      async (request) => {
        const { payloads } = request.body as { payloads: PayloadJson[] };
        logger.info(
          {
            ...{ event: 'codec.decoded', actor: request.caller?.actor ?? null, payloads: payloads.length },
            ...{ namespace: namespaceOf(request), reference: request.id },
          },
          'payloads read',
        );
        return { payloads: await Promise.all(payloads.map((each) => decoded(deps, each))) };
      },
    );
  });
  await app.register(async (scope) => signInRoutes(scope as App, deps));
}

async function decoded({ codec }: ApiDeps, payload: PayloadJson): Promise<PayloadJson> {
  // Search attributes never pass a codec; they name their type.
  if (payload.metadata?.['type'] !== undefined) return payload;
  const [opened] = await codec.payloads.decode([payloadOf(payload)]);
  return opened === undefined ? payload : jsonOf(opened);
}

function namespaceOf(request: FastifyRequest): string | null {
  const named = request.headers['x-namespace'];
  return typeof named === 'string' && NAMESPACE.test(named) ? named : null;
}
