import { ownerOf } from '../../domain/attribution';
import type { Connection } from '../../domain/connection';
import { freshnessOf } from '../../domain/credential-reference';
import { judge, type Looked } from '../../domain/drift';
import { msOf } from '../../domain/ids';
import type { Probed } from '../../domain/ports/prober';
import type { LeasedProbe, ProbeResult, ProbeSubject } from '../../store/contract';
import type { SweepDeps } from './deps';
import type { Begin } from './lane';
import { recordDrift } from './record-drift';

/**
 * Probes customers' keys, each within its own deadline.
 * @param thorough everything, whenever it was looked at last
 */
export const customerKeys =
  (deps: SweepDeps, thorough = false): Begin =>
  async (leased, signal) => {
    const subjects = await deps.store.probeSubjects(leased.map(({ organization }) => organization));
    const byOrganization = new Map(subjects.map((subject) => [subject.organization, subject]));
    return leased.map(async (each) => {
      const subject = byOrganization.get(each.organization);
      return subject === undefined ? gone(each) : probeKey(deps, each, subject, thorough, signal);
    });
  };

/** It left customer custody since it was leased. */
const gone = ({ organization }: LeasedProbe): ProbeResult => ({
  organization,
  code: 'OK',
  failures: 0,
  thorough: false,
  findings: [],
});

async function probeKey(
  deps: SweepDeps,
  leased: LeasedProbe,
  subject: ProbeSubject,
  inFull: boolean,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { store, sweep, prober, controlProbe, probeRefused, observeProbe, logger } = deps;
  const { organization, connection, held } = subject;
  const { probeMs } = sweep['customer-key'];
  const thorough = inFull || isThorough(deps, leased);
  const within = () => AbortSignal.any([signal, AbortSignal.timeout(probeMs)]);
  const probed = await prober.probe(connection, held, { trust: thorough }, within());
  // What a sweep that is being ended cut off says nothing.
  signal.throwIfAborted();
  const { code, failures, incident, looked } = await judge(
    { connection, held, failures: leased.failures },
    probed,
    (failed) => ownerOf(controlProbe, connection.input, failed, within()),
  );
  if (incident !== null) await probeRefused(organization, incident.code, incident.requestId);
  const credential = thorough ? await credentialOf(deps, connection, within()) : {};
  // A connection without a trust policy has none that is open, whatever a former one had.
  const trust = thorough && failures === 0 && probed.trust === null ? { trust: null } : {};
  await recordDrift(store, leased, { ...looked, ...trust, ...credential });
  observeProbe('customer-key', code);
  if (code !== 'OK') logger.warn({ event: 'probe.failed', organization, code, failures }, 'probe failed');
  return { organization, code, failures, thorough, findings: findingsOf(probed) };
}

const isThorough = ({ sweep, clock }: SweepDeps, { thoroughAt }: LeasedProbe): boolean =>
  thoroughAt === null || clock() - msOf(thoroughAt) >= sweep.thoroughMs;

/** One that has ended is refused wherever it is used; here it's warned of before. */
async function credentialOf(
  { credentialEnd, clock, logger }: SweepDeps,
  connection: Connection,
  signal: AbortSignal,
): Promise<Looked> {
  try {
    const endMs = await credentialEnd(connection, signal);
    const isEnding = endMs !== null && freshnessOf(endMs, clock()) !== 'valid';
    return {
      credential: isEnding
        ? { code: 'CREDENTIAL_EXPIRING', owner: 'customer', keyRef: null, requestId: null }
        : null,
    };
  } catch {
    const { organization } = connection;
    logger.warn({ event: 'probe.credential', organization }, 'when the credential ends can’t be told now');
    return {};
  }
}

function findingsOf({ access, reads, writes, leadsTo, trust }: Probed): readonly object[] {
  return [
    { step: 'access', ...access },
    ...reads.map((read) => ({ step: 'unwrap', ...read })),
    ...(writes === null ? [] : [{ step: 'wrap', ...writes }]),
    ...(leadsTo === null ? [] : [{ step: 'name', ...leadsTo }]),
    ...(trust === null ? [] : [{ step: 'trust', ...trust }]),
  ];
}
