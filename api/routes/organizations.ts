import { z } from 'zod';
import { Refusal } from '../../domain/failure';
import { operationId, organizationName } from '../../domain/intake/fields';
import type { OrganizationRecord } from '../../store/contract';
import { callerFor, callerOf, isStaff } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { operationShape } from '../shapes/operation';
import { organizationShape, organizationsShape, statusShape } from '../shapes/organization';
import { signedBy } from '../sign';
import { auditView } from '../status/audit';
import { lastVerification } from '../status/last-verification';
import { operationView } from '../status/operation';
import { organizationView, statusView } from '../status/view';
import { credentialWarnings, orderWarning } from '../status/warnings';

export const createOrganizationBody = z.strictObject({ name: organizationName });

export function organizationRoutes(app: App, deps: ApiDeps): void {
  const { store, messenger } = deps;
  const tags = ['organizations'];

  app.post(
    '/organizations',
    {
      config: { permission: 'createOrganization' },
      schema: {
        operationId: 'createOrganization',
        summary: 'Create an organization with its first workspace key in platform custody',
        tags,
        security: secured,
        body: createOrganizationBody,
        response: { 201: organizationShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { name } = request.body;
      if ((await store.status(name))?.custody) throw new Refusal('ORGANIZATION_EXISTS');
      const input = await signedBy(deps, callerOf(request), name, 'createOrganization', {
        organization: name,
      });
      await messenger.createOrganization(input);
      reply.code(201).header('location', `${deps.settings.url}/v1/organizations/${name}`);
      return organizationView(existing(await store.organizationByName(name)));
    },
  );

  app.get(
    '/organizations',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'listOrganizations',
        summary: 'Organizations this token is for',
        tags,
        security: secured,
        response: { 200: organizationsShape, ...refusals },
      },
    },
    async (request) => {
      const { visibleTo } = callerOf(request);
      const all = await store.organizations();
      const visible = all.filter(({ id }) => visibleTo === null || visibleTo === id);
      return { organizations: visible.map(organizationView) };
    },
  );

  app.get(
    '/organizations/:org',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'readOrganization',
        summary: 'One organization',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: organizationShape, ...refusals },
      },
    },
    async (request) => organizationView(callerFor(request).organization),
  );

  app.get(
    '/organizations/:org/status',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'readStatus',
        summary: 'Where the arrangement stands, who is awaited, and what may be done now',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: statusShape, ...refusals },
      },
    },
    async (request) => {
      const { organization, role } = callerFor(request);
      const status = await store.status(organization.name);
      if (status === null) throw new Refusal('ORGANIZATION_UNKNOWN');
      const verification = await lastVerification(store, organization.id, status.ledgerSize);
      const behind = deps.behind.get(organization.id) ?? null;
      const keys = await store.keys(organization.id);
      const credentials = await credentialWarnings(deps, status);
      const order = await orderWarning(deps, status);
      const audit = isStaff(role) ? auditView(await store.lastAudit(organization.id)) : null;
      return { ...statusView(status, verification, keys, { credentials, order }, role, behind), audit };
    },
  );

  app.get(
    '/organizations/:org/operations/:operation',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'readOperation',
        summary: 'One operation: where it stands, or how it ended',
        tags,
        security: secured,
        params: organizationParams.extend({ operation: operationId }),
        response: { 200: operationShape, ...refusals },
      },
    },
    async (request) => {
      const operation = await store.operation(callerFor(request).organization.id, request.params.operation);
      if (operation === null) throw new Refusal('OPERATION_UNKNOWN');
      return operationView(operation);
    },
  );
}

function existing(record: OrganizationRecord | null): OrganizationRecord {
  if (record === null) throw new Refusal('INTERNAL', 'the organization was created and isn’t there');
  return record;
}
