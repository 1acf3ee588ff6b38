import { z } from 'zod';
import { OWNERS } from '../../domain/codes';
import { connectionInput } from '../../domain/connection';
import { ASPECTS, type Aspect } from '../../domain/drift';
import { ENTITLEMENT_WORDS, type EntitlementState } from '../../domain/entitlement';
import { ACTIONS, STAGES, STARTS } from '../../domain/stages';
import { auditShape } from './audit';
import { findingShape, troubleShape } from './finding';
import { incidentShape } from './incident';
import { keysShape } from './keys';
import { operationShape, operatorApprovedShape } from './operation';
import { credentialWarningShape } from './references';

export const organizationShape = z
  .object({
    id: z.uuid().describe('Immutable; orders name this'),
    name: z.string(),
    createdAt: z.string(),
  })
  .meta({ id: 'Organization' });
export type OrganizationView = z.infer<typeof organizationShape>;

export const organizationsShape = z.object({ organizations: z.array(organizationShape) });

const connectionShape = z.object({
  id: z.uuid(),
  input: connectionInput,
  pinnedKeyRef: z.string().nullable(),
});

export const statusShape = z
  .object({
    organization: organizationShape,
    stage: z.enum(STAGES).nullable().describe('null: no activation has come to anything'),
    operation: operationShape.nullable(),
    awaiting: z.object({ who: z.string(), what: z.string(), since: z.string() }).nullable(),
    posture: z.enum(['normal', 'warning', 'degraded']),
    custody: z.enum(['platform', 'customer']).nullable(),
    currentVersion: z.int().nullable(),
    sealing: z.boolean().describe('Switched, and the operator’s former key isn’t proved dead yet'),
    connection: connectionShape.nullable().describe('In use; before there is one, the one to be activated'),
    newConnection: connectionShape.nullable().describe('That the open operation is to move to'),
    verification: z
      .object({
        at: z.string(),
        ledgerIndex: z.int(),
        findings: z.array(findingShape),
        trouble: troubleShape.nullable().describe('Why nothing could be found; `null`: there are findings'),
      })
      .nullable(),
    plan: z
      .object({
        digest: z.string(),
        dryRunId: z.uuid(),
        reviewed: z.boolean(),
        approved: z.boolean().describe('By the customer’s signature'),
        operatorApproved: operatorApprovedShape,
      })
      .nullable(),
    platformKey: z
      .object({
        keyRef: z.string(),
        sealedAt: z.string().nullable(),
        destroyedAt: z.string().nullable().describe('From this date on nobody can enable it again'),
      })
      .nullable(),
    keys: keysShape,
    warnings: z
      .array(credentialWarningShape)
      .nullable()
      .describe('Credentials that end within 30 days, or have ended; `null`: it can’t be told now'),
    entitlement: z
      .object({
        state: z.enum(Object.keys(ENTITLEMENT_WORDS) as [EntitlementState, ...EntitlementState[]]),
        orderRef: z.string().nullable(),
        at: z.string().nullable().describe('When it ends, ended or was withdrawn, as it was signed'),
        text: z.string(),
        remedy: z.string(),
      })
      .nullable()
      .describe(
        'Of the order behind customer custody, from 30 days before its end; it changes no custody. `null`: nothing to say',
      ),
    drift: z
      .array(
        z.object({
          aspect: z.enum(Object.keys(ASPECTS) as [Aspect, ...Aspect[]]),
          code: z.string(),
          keyRef: z
            .string()
            .nullable()
            .describe('The key it is about, where it is another than the pinned one'),
          owner: z.enum(OWNERS).describe('Who can mend it'),
          since: z.string(),
          text: z.string(),
          remedy: z.string(),
        }),
      )
      .describe('What probes found that stands, first found first'),
    incident: incidentShape.nullable().describe('The open one'),
    handoff: z
      .object({
        contacts: z.array(z.object({ name: z.string(), email: z.string(), duty: z.string() })),
        runbook: z.array(z.string()),
      })
      .nullable(),
    ledgerSize: z.int(),
    audit: auditShape
      .nullable()
      .describe('What the latest audit found of the ledger; `null`: not for you to see'),
    behind: z
      .object({
        relation: z
          .enum(['behind', 'forked'])
          .describe(
            'behind: shorter than what was signed, as after restoring a backup; forked: another past',
          ),
        entries: z.int(),
        signedEntries: z.int(),
        text: z.string(),
        remedy: z.string(),
      })
      .nullable()
      .describe('Why nothing of it is changed or encrypted now; `null`: its ledger is as it was signed'),
    actions: z.array(
      z.object({
        action: z.enum([...STARTS, ...ACTIONS]),
        allowed: z.boolean(),
        reason: z.string().nullable().describe('Why not'),
      }),
    ),
  })
  .meta({ id: 'Status' });
export type StatusView = z.infer<typeof statusShape>;
