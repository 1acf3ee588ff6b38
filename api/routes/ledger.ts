import { z } from 'zod';
import type { Instant } from '../../domain/ids';
import { bundleFiles } from '../../ledger/bundle';
import { parseCheckpointText } from '../../ledger/verify/checkpoint';
import { parseNote } from '../../ledger/verify/note';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { evidenceOf } from '../evidence';
import { checkpointShape, evidenceShape, ledgerPageShape } from '../shapes/records';

const tags = ['ledger'];

export function ledgerRoutes(app: App, deps: ApiDeps): void {
  const { store } = deps;

  app.get(
    '/organizations/:org/ledger',
    {
      config: { permission: 'readLedger' },
      schema: {
        operationId: 'readLedger',
        summary: 'Ledger entries, oldest first',
        tags,
        security: secured,
        params: organizationParams,
        querystring: z.object({
          from: z.coerce.number().int().min(0).max(2_147_483_647).default(0),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
        response: { 200: ledgerPageShape, ...refusals },
      },
    },
    async (request) => {
      const { organization } = callerFor(request);
      const { from, limit } = request.query;
      const { size } = await store.ledgerHead(organization.id);
      const lines = await store.ledgerLines(organization.id, from, limit);
      const next = from + lines.length;
      return {
        size,
        entries: lines.map(({ index, entry }) => ({ index, entry })),
        next: lines.length > 0 && next < size ? next : null,
      };
    },
  );

  app.get(
    '/organizations/:org/ledger/checkpoint',
    {
      config: { permission: 'readLedger' },
      schema: {
        operationId: 'readCheckpoint',
        summary: 'The signed head of the ledger as it is now',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: checkpointShape, ...refusals },
      },
    },
    async (request) => {
      const { organization } = callerFor(request);
      const { size } = await store.ledgerHead(organization.id);
      const latest = await store.latestCheckpoint(organization.id);
      if (latest !== null && latest.size >= size) return latest;
      const note = await store.publishCheckpoint(organization.id);
      return { size: parseCheckpointText(parseNote(note).text).size, note };
    },
  );

  app.get(
    '/organizations/:org/evidence',
    {
      config: { permission: 'readLedger' },
      schema: {
        operationId: 'exportEvidence',
        summary: 'The evidence bundle: everything that is needed to verify the ledger offline',
        tags,
        security: secured,
        params: organizationParams,
        querystring: z.object({
          usageBefore: z.iso
            .datetime({ precision: 3 })
            .transform((text) => text as Instant)
            .optional()
            .describe(
              'Usage rows are those of the newest whole minutes, at most 50,000 rows: with this, of those that end by then.',
            ),
        }),
        response: { 200: evidenceShape, ...refusals },
      },
    },
    async (request) => {
      const { usageBefore = null } = request.query;
      const files = bundleFiles(await evidenceOf(deps, callerFor(request).organization.id, usageBefore));
      const utf8 = new TextDecoder('utf-8', { fatal: true });
      return { files: Object.fromEntries([...files].map(([name, bytes]) => [name, utf8.decode(bytes)])) };
    },
  );
}
