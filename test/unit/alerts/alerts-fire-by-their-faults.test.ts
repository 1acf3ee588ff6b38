import { BEHIND, createApiWorld } from '../../fakes/api/world';
import { CountedSigner } from './counted-signer';
import { ACME, type Changes, Deployment } from './deployment';
import { evaluate, type Scraped, samplesOf } from './evaluate';
import { parsePromql } from './promql';
import { alertRules, type Rule } from './rules';

const RULES = alertRules();

/** Names of the alerts whose condition holds. How long it must hold (`for`) is Prometheus's to count. */
const firing = (scraped: Scraped): string[] =>
  RULES.filter(({ expr }) => evaluate(parsePromql(expr), scraped).length > 0).map(({ alert }) => alert);

type Fault = readonly [changes: Changes, also?: readonly Rule['alert'][]];

/** For each alert the fault that it is for, and which others fire by it as well. */
const FAULTS: Readonly<Record<string, Fault>> = {
  SmskIncidentOurs: [{ open: { operator: 1 } }],
  SmskIncidentUnattributed: [{ open: { unknown: 1 } }],
  SmskIncidentTheirs: [{ open: { customer: 1, operator: 0 } }],
  SmskIncidentsMany: [{ open: { provider: 5 } }, ['SmskIncidentTheirs']],
  SmskIncidentUntold: [{ untoldMs: 61_000 }],
  SmskRelayFailing: [{ isTemporalDown: true }],
  SmskIntakeIncident: [{ intake: 1 }],
  SmskRunsLost: [{ runsAreLost: true }],
  SmskNoticesUndelivered: [{ receiver: 'later' }],
  SmskSweepStopped: [{ sweepCompletedAgoMs: 601_000 }],
  SmskSweepLate: [{ sweepLagMs: 301_000 }],
  SmskCanaryRefused: [{ canaryFailsWith: 'OUR_IDENTITY' }],
  SmskSecurityFinding: [{ standing: { PLATFORM_KEY_ALIVE: 1 } }],
  SmskFindingStands: [{ standing: { TRUST_POLICY_OPEN: 1 } }],
  SmskAuditFinding: [{ findings: { 'rolled-back': 1 } }],
  SmskLedgerBehind: [{ ledgersBehind: ['behind'] }],
  SmskAuditStopped: [{ auditCompletedAgoMs: 601_000 }],
  SmskCredentialEnds: [{ daysOfCredential: 29 }],
  SmskCertificateEnds: [{ daysOfCertificate: 29 }],
  SmskCertificateEndsSoon: [{ daysOfCertificate: 6 }, ['SmskCertificateEnds']],
  SmskDown: [{ isDown: true }, ['SmskNoCustodyWorker']],
  SmskNoCustodyWorker: [{ isDown: true }, ['SmskDown']],
  SmskMinuteRoundLate: [{ isDatabaseDown: true }, ['SmskRelayFailing']],
  SmskOperationsUnavailable: [{ content: 'WORKSPACE_UNAVAILABLE' }],
  SmskOperationsFailOurs: [{ content: 'INTERNAL' }],
  SmskUnwrapSlow: [{ unwrapMs: 2_000 }],
  SmskProviderFails: [{ callsEndWith: 'THROTTLED' }],
  SmskProviderUnclassified: [{ callsEndWith: 'UNCLASSIFIED' }, ['SmskProviderFails']],
};
/** Of the API's refusals. */
const BY_REQUESTS = ['SmskLedgerRefuses', 'SmskRefusalsMany'];
/** Of the signer's. */
const BY_SIGNER = ['SmskSignerFails', 'SmskSignerRefusesHeads', 'SmskSignerRefusesRequests'];

test('every alert has its fault', () => {
  expect([...Object.keys(FAULTS), ...BY_REQUESTS, ...BY_SIGNER].sort()).toEqual(
    RULES.map(({ alert }) => alert).sort(),
  );
});

describe('a process that is scraped', () => {
  beforeEach(() =>
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'hrtime', 'queueMicrotask'] }),
  );
  afterEach(() => jest.useRealTimers());

  test('while all is well, no alert fires', async () => {
    expect(firing(await new Deployment().scraped())).toEqual([]);
  });

  test('what needs nobody fires none: a rotation that is due', async () => {
    expect(firing(await new Deployment({ standing: { KEY_ROTATED: 3 } }).scraped())).toEqual([]);
  });

  test('nor does a ledger of which it is known that it stays behind', async () => {
    const scraped = await new Deployment({ ledgersBehind: ['forked'], leftClosed: [ACME] }).scraped();
    expect(firing(scraped)).toEqual([]);
    const counted = scraped.now.samples.filter(
      ({ name, value }) => name === 'smsk_ledgers_behind' && value > 0,
    );
    expect(counted.map(({ labels }) => labels['relation'])).toEqual(['left-closed']);
  });

  test.each(Object.entries(FAULTS))(
    '%s fires by its fault, and no other',
    async (alert, [changes, also = []]) => {
      expect(firing(await new Deployment(changes).scraped()).sort()).toEqual([alert, ...also].sort());
    },
  );

  test.each(['DATABASE_UNAVAILABLE', 'OVERLOADED'] as const)(
    'content that fails with %s pages as INTERNAL does',
    async (content) => {
      expect(firing(await new Deployment({ content }).scraped())).toEqual(['SmskOperationsFailOurs']);
    },
  );

  test('a canary that was refused once, and hasn’t been asked since, fires nothing', async () => {
    const { now } = await new Deployment({ canaryFailsWith: 'OUR_IDENTITY' }).scraped();
    expect(firing({ before: now, now: { ...now, at: now.at + 300 } })).toEqual([]);
  });
});

describe('the API', () => {
  const TARGET = { instance: 'api-1', job: 'smsk' };
  const API_RULES = new Set(BY_REQUESTS);
  const fired = (scraped: Scraped) => firing(scraped).filter((alert) => API_RULES.has(alert));

  test('SmskLedgerRefuses, SmskRefusalsMany: what is refused behind the signer, and by the hundred', async () => {
    const world = await createApiWorld({ behind: BEHIND });
    const scrape = async (at: number) => ({
      at,
      samples: samplesOf(await world.metrics.registry.metrics(), TARGET),
    });
    const encrypt = () =>
      world.request('service', 'POST', '/v1/organizations/acme/encrypt', {
        json: { plaintext: 'aGk=', context: {} },
      });
    try {
      const healthy = await scrape(0);
      expect(fired({ before: healthy, now: healthy })).toEqual([]);
      await encrypt();
      const once = await scrape(10);
      expect(fired({ before: healthy, now: once })).toEqual(['SmskLedgerRefuses']);
      for (let i = 0; i < 20; i += 1) await encrypt();
      expect(fired({ before: once, now: await scrape(20) }).sort()).toEqual(BY_REQUESTS);
    } finally {
      await world.close();
    }
  });
});

describe('the signer', () => {
  let signer: CountedSigner;
  beforeEach(async () => {
    signer = await CountedSigner.open();
  });
  afterEach(() => signer.close());

  /** What fires by what is asked between two scrapes, the first of which is of a signer just started. */
  const firedBy = async (ask: () => Promise<unknown>) => {
    const before = await signer.scrape(0);
    await ask();
    return firing({ before, now: await signer.scrape(900) }).filter((alert) => BY_SIGNER.includes(alert));
  };

  test('heads that continue what was signed, and one that another process overtook, fire nothing', async () => {
    expect(
      await firedBy(async () => {
        await signer.signHead('ab');
        await signer.signHead('ab');
        await expect(signer.signHead('a')).rejects.toMatchObject({ code: 'ROLLBACK' });
      }),
    ).toEqual([]);
  });

  test.each([
    ['a database that was put back', 'a', 'ROLLBACK'],
    ['another history', 'xyz', 'NOT_CONSISTENT'],
  ])('SmskSignerRefusesHeads: %s', async (_, letters, code) => {
    await signer.signHead('ab');
    expect(
      await firedBy(async () => {
        for (let i = 0; i < 4; i += 1) await expect(signer.signHead(letters)).rejects.toMatchObject({ code });
      }),
    ).toEqual(['SmskSignerRefusesHeads']);
  });

  test('SmskSignerRefusesRequests: what is no statement, somebody else’s ledger, somebody without the token', async () => {
    const { client, stranger } = signer;
    const fires = ['SmskSignerRefusesRequests'];
    expect(
      await firedBy(() =>
        expect(client.signStatement('custody', {} as never)).rejects.toThrow('WRONG_STATEMENT'),
      ),
    ).toEqual(fires);
    expect(await firedBy(() => expect(client.raiseEpochFloor('a.b.c')).rejects.toThrow('NOT_OURS'))).toEqual(
      fires,
    );
    expect(await firedBy(() => expect(client.lastHead('elsewhere')).rejects.toThrow('WRONG_ORIGIN'))).toEqual(
      fires,
    );
    expect(await firedBy(() => expect(stranger.keys()).rejects.toThrow('401'))).toEqual(fires);
  });

  test('SmskSignerFails: a disk that may have lost its state', async () => {
    signer.failDisk();
    expect(await firedBy(() => expect(signer.signHead('abc')).rejects.toThrow())).toEqual([
      'SmskSignerFails',
    ]);
  });
});
