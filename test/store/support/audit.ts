import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditDeps } from '../../../activities';
import { ledgers } from '../../../activities/audit/organization';
import { type LaneReport, sweepLane } from '../../../activities/sweep/lane';
import { sweepSettings } from '../../../activities/sweep/settings';
import { createStatementVerifier } from '../../../authority';
import type { OrganizationId } from '../../../domain/ids';
import type { Archive } from '../../../domain/ports/archive';
import type { Handed } from '../../../domain/ports/notices';
import { endpointSecret, MASTER_BYTES, type WebhookCall } from '../../../domain/webhook';
import { folderAt } from '../../../ledger/publication';
import { publicationIn } from '../../../ledger/publication-archive';
import { parsePart } from '../../../ledger/publication-text';
import { DEPLOYMENT, type Opened } from './opened';
import { allDue } from './sweep';

/** From the first entry on, at each audit; or once only. */
export const WHOLE = 0;
export const ONCE = Number.POSITIVE_INFINITY;

export const MASTER = new Uint8Array(MASTER_BYTES).fill(7);

/** Audits over a real store, which publish into a folder, or into another archive. */
export async function auditing(
  { store, signer, sql }: Pick<Opened, 'store' | 'signer' | 'sql'>,
  elsewhere?: Archive,
) {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-published-'));
  const archive = elsewhere ?? folderAt(folder);
  const logged: object[] = [];
  const log = (fields: object) => void logged.push(fields);
  /** What was posted, and what receivers answer. */
  const posted: WebhookCall[] = [];
  const receiver: { verdict: Handed['verdict'] } = { verdict: 'accepted' };
  const deps: AuditDeps = {
    notices: {
      deployment: DEPLOYMENT,
      records: store,
      couriers: {
        post: async (call) => {
          posted.push(call);
          return { verdict: receiver.verdict, statusClass: null };
        },
        mail: null,
      },
      endpointSecret: (organization, endpoint) => endpointSecret(MASTER, organization, endpoint),
    },
    store,
    signer,
    statements: createStatementVerifier([(await signer.keys()).custodyJwk]),
    publication: publicationIn(archive),
    deployment: DEPLOYMENT,
    wholeMs: WHOLE,
    sweep: sweepSettings(),
    uuid: randomUUID,
    clock: Date.now,
    pause: (ms, signal) => sleep(ms, undefined, { signal }),
    observeProbe: () => undefined,
    logger: { info: log, warn: log, error: log },
  };
  const files = (organization: OrganizationId) => readdirSync(join(folder, organization)).sort();
  return {
    deps,
    posted,
    receiver,
    folder,
    files,
    part: (organization: OrganizationId, name: string) =>
      parsePart(readFileSync(join(folder, organization, name), 'utf8')),
    /** One audit in which every ledger is due. @returns what was found, in all of them */
    async run(changes: Partial<AuditDeps> = {}): Promise<LaneReport & { readonly found: readonly object[] }> {
      const changed = { ...deps, ...changes };
      logged.length = 0;
      await changed.store.enrolProbes('ledger', 300_000);
      await allDue(sql);
      const report = await sweepLane(changed, 'ledger', ledgers(changed), new AbortController().signal);
      const found = logged.flatMap((fields) => {
        const { event, organization: _, ...finding } = fields as { event: string; organization: string };
        return event === 'audit.finding' ? [finding] : [];
      });
      return { ...report, found };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
