import { z } from 'zod';
import { jws } from '../../domain/intake/fields';
import { findKeyMaterial } from '../../domain/intake/key-material';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { recordMaintenance, verifiedMaintenance } from '../maintenance';
import { recordingRefusals } from '../recorded-refusal';
import { refuseFound } from '../refuse-key-material';
import { maintenanceShape, maintenanceSignedShape } from '../shapes/notices';

export const maintenanceBody = z.strictObject({ jws });

const tags = ['notices'];

/** When the customer works on its key: what is refused meanwhile still fails closed, and pages nobody. */
export function maintenanceRoutes(app: App, deps: ApiDeps): void {
  const { store, settings } = deps;

  app.get(
    '/organizations/:org/maintenance',
    {
      config: { permission: 'readNotices' },
      schema: {
        operationId: 'listMaintenance',
        summary: 'Maintenance windows, newest first',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: maintenanceShape, ...refusals },
      },
    },
    async (request) => {
      const { organization } = callerFor(request);
      const windows = await store.maintenanceWindows(organization.id);
      return {
        deployment: settings.deployment,
        organizationId: organization.id,
        windows: windows.map(({ jws: _signed, ...shown }) => shown),
      };
    },
  );

  app.post(
    '/organizations/:org/maintenance',
    {
      config: { permission: 'declareMaintenance', about: 'maintenance', judged: { jws } },
      schema: {
        operationId: 'signMaintenance',
        summary: 'Declare a maintenance window, or cancel one, with an approval key’s signature',
        tags,
        security: secured,
        params: organizationParams,
        body: maintenanceBody,
        response: { 201: maintenanceSignedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { organization, actor } = callerFor(request);
      const about = { organization: organization.id, subject: 'maintenance', actor } as const;
      const { jws: signed } = request.body;
      const payload = await recordingRefusals(store, about, () =>
        verifiedMaintenance(deps, organization.id, signed),
      );
      // Its grammar exempts the signature from the scan, so what people wrote in it is looked at here.
      const found = payload.action === 'declare' ? findKeyMaterial(payload.reason, 'reason') : null;
      if (found !== null) return refuseFound(deps, request, found);
      const recorded = await recordingRefusals(store, about, () =>
        recordMaintenance(deps, organization.id, actor, payload, signed),
      );
      reply.code(201);
      return recorded;
    },
  );
}
