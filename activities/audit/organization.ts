import { AUDIT_CODES, type AuditFinding } from '../../domain/audit';
import type { Code } from '../../domain/codes';
import { msOf, type OrganizationId } from '../../domain/ids';
import { troubleOf } from '../../domain/ports/archive';
import { PublicationUnusable } from '../../domain/ports/publication';
import { nodeSuite } from '../../ledger/node/suite';
import { parseCheckpointText } from '../../ledger/verify/checkpoint';
import { sameBytes } from '../../ledger/verify/encoding';
import { EMPTY_FRONTIER, frontierToBytes } from '../../ledger/verify/frontier';
import { parseNote } from '../../ledger/verify/note';
import { parseVkey, type VerifierKey } from '../../ledger/verify/vkey';
import type { LeasedProbe, ProbeResult } from '../../store/contract';
import type { Begin } from '../sweep/lane';
import { compare, isKept } from './compare';
import type { AuditDeps } from './deps';
import { pushCheckpoint } from './push';
import { unexplainedStatements } from './statements';
import { LedgerWalk } from './walk';
import { witnessesOf } from './witnesses';

/** Audits the ledgers that were leased. */
export const ledgers =
  (deps: AuditDeps): Begin =>
  async (leased) => {
    const log = parseVkey(nodeSuite, (await deps.signer.keys()).checkpointVkey);
    if (log === undefined) throw new Error('the signer’s verifier key isn’t one');
    return leased.map((each) => auditLedger(deps, log, each));
  };

async function auditLedger(deps: AuditDeps, log: VerifierKey, leased: LeasedProbe): Promise<ProbeResult> {
  const { organization, thoroughAt } = leased;
  const isWhole = thoroughAt === null || deps.clock() - msOf(thoroughAt) >= deps.wholeMs;
  const findings = await audit(deps, log, organization, isWhole);
  for (const finding of findings)
    deps.logger.error({ event: 'audit.finding', organization, ...finding }, 'a ledger isn’t what it was');
  if (findings.length === 0) await pushed(deps, organization);
  const [first] = findings;
  const code: Code | 'OK' = first === undefined ? 'OK' : AUDIT_CODES[first.finding];
  deps.observeProbe('ledger', code);
  // What was found once is looked for in full until it is gone.
  return { organization, code, failures: 0, thorough: isWhole && first === undefined, findings };
}

/** Whether somebody takes it says nothing of the ledger. */
async function pushed(deps: AuditDeps, organization: OrganizationId): Promise<void> {
  try {
    await pushCheckpoint(deps, organization);
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    deps.logger.warn(
      { event: 'audit.push', organization, error: name },
      'a signed head wasn’t sent; a later audit sends it',
    );
  }
}

async function audit(
  deps: AuditDeps,
  log: VerifierKey,
  organization: OrganizationId,
  isWhole: boolean,
): Promise<readonly AuditFinding[]> {
  const { publication, store } = deps;
  const witnesses = await witnessesOf(deps, log, organization);
  const { published, isAway } = witnesses;
  const begin = isWhole || published === null ? EMPTY_FRONTIER : published;
  const read = (from: number, limit: number) => store.ledgerLines(organization, from, limit);
  const walk = new LedgerWalk(read, begin, published?.size ?? 0);
  const found = [...witnesses.findings, ...(await compare(deps, organization, witnesses, walk))];
  const isContinued = found.length === 0;
  if (isContinued) {
    const statements = await store.signedStatements(organization, begin.size);
    found.push(...(await unexplainedStatements(deps.statements, organization, statements)));
    if (isWhole) {
      for (const { table, row, why } of await store.auditRows(organization))
        found.push({ finding: 'row-unexplained', table, row, why });
    }
  }
  if (publication === null) return found;
  if (isAway) return [...found, { finding: 'not-published' }];
  try {
    if (isContinued && isWhole && !(await isKept(deps, organization)))
      found.push({ finding: 'publication-differs' });
    if (found.length === 0 && isWhole) await publication.bind(organization);
    if (found.length === 0)
      return await publish({ ...deps, publication }, organization, published?.size ?? 0, walk);
    await publication.report(organization, found);
  } catch (error) {
    deps.logger.error(
      { event: 'audit.publication', organization, ...troubleOf(error) },
      'nothing could be published; the next audit tries again',
    );
    // Something else stands under the name that it would have had: no trouble of the place's.
    found.push({ finding: error instanceof PublicationUnusable ? 'publication-differs' : 'not-published' });
  }
  return found;
}

/** What was appended since the last part, up to the head that is signed for it now. */
async function publish(
  { publication, store }: AuditDeps & { readonly publication: NonNullable<AuditDeps['publication']> },
  organization: OrganizationId,
  from: number,
  walk: LedgerWalk,
): Promise<readonly AuditFinding[]> {
  const checkpoint = await store.publishCheckpoint(organization);
  const { size, root } = parseCheckpointText(parseNote(checkpoint).text);
  if (size <= from) return [];
  const missing = await walk.to(size);
  if (missing !== null) return [{ finding: 'entry-missing', index: missing }];
  if (!sameBytes(walk.root, root)) return [{ finding: 'entry-rewritten', by: 'signer', index: null }];
  const texts = await store.ledgerTexts(organization, from, size);
  const frontier = frontierToBytes(walk.frontier);
  await publication.publish({
    organization,
    from,
    size,
    frontier,
    checkpoint,
    texts,
    lines: walk.unpublished,
  });
  return [];
}
