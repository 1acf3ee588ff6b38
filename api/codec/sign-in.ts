import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../domain/failure';
import { authenticated } from '../access';
import type { App } from '../app';
import type { ApiDeps } from '../deps';
import { PAGE_HEADERS, signedInPage, signInPage } from './page';
import { endedCookie, sessionCookie } from './session';
import { signedIn, staffOf } from './staff';

const URL_OF_PAGE = '/codec/sign-in';
const hidden = { schema: { hide: true }, bodyLimit: 4096 };

/** A page on the codec endpoint's own origin that exchanges an API token for a session cookie. */
export async function signInRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { codec, settings, store, logger, now } = deps;
  const { origin, protocol } = new URL(settings.url);
  const secure = protocol === 'https:';

  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  // Another site's form must not sign anybody in or out.
  const sameOrigin = async (request: FastifyRequest): Promise<void> => {
    if (request.headers.origin !== origin)
      throw new Refusal('FORBIDDEN', `origin: sign in on ${origin}${URL_OF_PAGE}`);
  };
  const show = (reply: FastifyReply, status: number, page: string) =>
    reply
      .code(status)
      .headers(PAGE_HEADERS)
      .serializer((text: string) => text)
      .send(page);

  app.get('/sign-in', hidden, async (request, reply) => {
    const known = await signedIn(deps, request.headers.cookie);
    return show(
      reply,
      200,
      known === null ? signInPage(null) : signedInPage(staffOf(known).actor, `${origin}/codec`),
    );
  });

  app.post('/sign-in', { ...hidden, onRequest: sameOrigin }, async (request, reply) => {
    const { token } = (request.body ?? {}) as { token?: unknown };
    const given = typeof token === 'string' ? token.trim() : '';
    try {
      const { actor } = staffOf(await authenticated(store, `Bearer ${given}`));
      logger.info({ event: 'codec.signed-in', actor, reference: request.id }, 'signed in to read payloads');
      return reply
        .code(303)
        .header('set-cookie', sessionCookie(codec.sealing, given, now(), { secure }))
        .header('location', URL_OF_PAGE)
        .send();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      logger.warn({ event: 'codec.sign-in-refused', code: error.code, reference: request.id }, 'refused');
      const isKnown = error.code === 'FORBIDDEN';
      const words = isKnown
        ? 'This token may not read payloads: that takes the role support or sre.'
        : 'No such token, or it was revoked.';
      return show(reply, isKnown ? 403 : 401, signInPage(words));
    }
  });

  app.post('/sign-out', { ...hidden, onRequest: sameOrigin }, async (_, reply) =>
    reply.code(303).header('set-cookie', endedCookie({ secure })).header('location', URL_OF_PAGE).send(),
  );
}
