import { z } from 'zod';
import { OWNERS } from '../../domain/codes';
import { INCIDENT_ACTIONS } from '../../domain/incident';
import { findingShape } from './finding';

export const incidentShape = z
  .object({
    id: z.string(),
    code: z.string().describe('Of the first refusal'),
    owner: z
      .enum(OWNERS)
      .nullable()
      .describe('Who can mend it; `null` until that was found out, within the minute'),
    text: z.string(),
    remedy: z.string(),
    since: z.string().describe('First refusal'),
    lastRefusalAt: z.string(),
    refusals: z.int().describe('Operations on content that were refused'),
    probes: z.int().describe('Probes of ours that were refused'),
    detectedAt: z.string().nullable().describe('Its recovery was started'),
    answeredAt: z.string().nullable().describe('Operations succeed again, and none was refused since'),
    closedAt: z.string().nullable(),
    timeToDetectMs: z.int().nullable(),
    timeToRecoverMs: z.int().nullable(),
    proof: z
      .object({ versions: z.array(z.int()), findings: z.array(findingShape) })
      .nullable()
      .describe('What was proved before it was closed'),
    acknowledged: z.boolean(),
    notes: z.array(
      z.object({
        acknowledges: z.boolean(),
        text: z.string().nullable(),
        by: z.string(),
        at: z.string(),
        ledgerIndex: z.int(),
      }),
    ),
  })
  .meta({ id: 'Incident' });
export type IncidentView = z.infer<typeof incidentShape>;

export const incidentsShape = z.object({ incidents: z.array(incidentShape) });

export const incidentAcceptedShape = z
  .object({ incident: z.string(), action: z.enum(INCIDENT_ACTIONS) })
  .meta({ id: 'IncidentAccepted' });
