import { z } from 'zod';
import { Refusal } from '../../domain/failure';
import { instantOf, type OrganizationId } from '../../domain/ids';
import { jws } from '../../domain/intake/fields';
import type { OrderClaims } from '../../domain/order';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { recordingRefusals } from '../recorded-refusal';
import { orderAcceptedShape } from '../shapes/records';

export const orderBody = z.strictObject({ jws });

export function orderRoutes(app: App, deps: ApiDeps): void {
  const { store } = deps;

  app.post(
    '/organizations/:org/orders',
    {
      config: { permission: 'submitOrder', about: 'order', judged: { jws } },
      schema: {
        operationId: 'submitOrder',
        summary: 'Record an order or a withdrawal that the commerce system signed',
        tags: ['orders'],
        security: secured,
        params: organizationParams,
        body: orderBody,
        response: { 201: orderAcceptedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { organization, actor } = callerFor(request);
      const about = { organization: organization.id, subject: 'order', actor } as const;
      return recordingRefusals(store, about, async () => {
        const claims = await newer(deps, request.body.jws, organization.id);
        const { orderRef, jti, seq, kind } = claims;
        const exp = instantOf(claims.exp * 1000);
        const { index, at, replayed } = await store.commit({
          idempotencyKey: `order/${jti}`,
          actor,
          fence: null,
          organization: organization.id,
          change: { type: 'order-accepted', jws: request.body.jws, orderRef, jti, seq, kind, exp },
        });
        reply.code(201);
        return { orderRef, seq, kind, expiresAt: exp, recorded: { index, at, replayed } };
      });
    },
  );
}

/** Sending the newest one again changes nothing, so it isn't refused. */
async function newer(
  { store, authority }: ApiDeps,
  order: string,
  organization: OrganizationId,
): Promise<OrderClaims> {
  const claims = await authority.order(order, organization, await store.now());
  const latest = await store.latestOrder(organization);
  if (latest !== null && latest.jws !== order && latest.seq >= claims.seq)
    throw new Refusal('ORDER_REPLAYED', `seq ${claims.seq}; on record is ${latest.seq}`);
  return claims;
}
