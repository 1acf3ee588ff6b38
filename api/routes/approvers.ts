import { z } from 'zod';
import { type ApproverKey, approverPublicJwk } from '../../domain/approval';
import { jws } from '../../domain/intake/fields';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import { enrolFirst, enrolSigned } from '../approvers';
import type { ApiDeps } from '../deps';
import { recordingRefusals } from '../recorded-refusal';
import { type ApproverView, approversShape, enrolledShape } from '../shapes/records';

/** The first key by itself: the order names it. Every later one, and every removal, in an enrolled key's words. */
export const approverBody = z.union([
  z.strictObject({ publicJwk: approverPublicJwk }),
  z.strictObject({ enrolment: jws }),
]);

export function approverRoutes(app: App, deps: ApiDeps): void {
  const { store, settings } = deps;
  const tags = ['approvers'];

  app.get(
    '/organizations/:org/approvers',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'listApprovers',
        summary: 'Keys that may approve, and those removed',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: approversShape, ...refusals },
      },
    },
    async (request) => {
      const { organization } = callerFor(request);
      const keys = await store.approverKeys(organization.id);
      return {
        deployment: settings.deployment,
        organizationId: organization.id,
        approvers: keys.map(approverView),
      };
    },
  );

  app.post(
    '/organizations/:org/approvers',
    {
      config: {
        permission: 'enrolApprover',
        about: 'approval',
        judged: { publicJwk: approverPublicJwk, enrolment: jws },
      },
      schema: {
        operationId: 'enrolApprover',
        summary: 'Enrol the first approval key, or add or remove one with an enrolled key’s signature',
        tags,
        security: secured,
        params: organizationParams,
        body: approverBody,
        response: { 201: enrolledShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { organization, actor } = callerFor(request);
      const about = { organization: organization.id, subject: 'approval', actor } as const;
      const { body } = request;
      const enrolled = await recordingRefusals(store, about, () =>
        'publicJwk' in body
          ? enrolFirst(deps, organization.id, actor, body.publicJwk)
          : enrolSigned(deps, organization.id, actor, body.enrolment),
      );
      reply.code(201);
      return enrolled;
    },
  );
}

const approverView = ({
  credentialId,
  publicJwk,
  role,
  enrolledAt,
  removedAt,
}: ApproverKey): ApproverView => ({
  credentialId,
  publicJwk,
  role,
  enrolledAt,
  removedAt,
});
