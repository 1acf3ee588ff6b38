import { describeCode } from '../../domain/codes';
import { isApproved } from '../../domain/custody';
import { Refusal } from '../../domain/failure';
import { findingText } from '../../domain/finding';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { policyFor } from '../policy';
import { registeredIdentity } from '../references';
import { findingView } from '../shapes/finding';
import { planAnswerShape } from '../shapes/operation';
import { policyQuery, policyShape } from '../shapes/policy';

const tags = ['operation'];

/** What people read before they act: the plan they sign, and the policies they paste. */
export function planRoutes(app: App, deps: ApiDeps): void {
  const { store, settings } = deps;

  app.get(
    '/organizations/:org/operation/plan',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'readPlan',
        summary: 'The present dry-run: the plan itself, its digest, findings and what blocks',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: planAnswerShape, ...refusals },
      },
    },
    async (request) => {
      const { organization } = callerFor(request);
      const status = await store.status(organization.name);
      const operation = status?.operation ?? null;
      if (operation === null || !isApproved(operation.kind)) throw new Refusal('OPERATION_UNKNOWN');
      const dryRun = await store.dryRun(operation.id, 'current');
      if (dryRun === null) throw new Refusal('PLAN_UNKNOWN', 'no dry-run is current; launch one');
      return {
        operationId: operation.id,
        dryRunId: dryRun.dryRunId,
        computedAt: dryRun.computedAt,
        plan: dryRun.plan === null ? null : { ...dryRun.plan },
        digest: dryRun.planDigest,
        findings: dryRun.findings.map((finding) => findingView(finding, findingText(finding))),
        blockers: dryRun.blockers.map((code) => {
          const { text, remedy } = describeCode(code);
          return { code, text, remedy };
        }),
        reviewed: operation.reviewed,
        approved: operation.approved,
        operatorApproved: status?.operatorApproved ?? null,
        deployment: settings.deployment,
        organizationId: organization.id,
      };
    },
  );

  app.get(
    '/organizations/:org/connection/policy',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'connectionPolicy',
        summary: 'What to set up at the provider for a key: exact policies or role, and commands to paste',
        tags,
        security: secured,
        params: organizationParams,
        querystring: policyQuery,
        response: { 200: policyShape, ...refusals },
      },
    },
    async (request) => {
      const { organization } = callerFor(request);
      return policyFor(settings, organization, request.query, (name, key) =>
        registeredIdentity(store, organization, name, key),
      );
    },
  );
}
