import { statusText } from '../../cli/words/status';
import type { Change } from '../../domain/change';
import type { Owner, ProviderCode } from '../../domain/codes';
import type { Connection } from '../../domain/connection';
import type { ConnectionId, IncidentId, KeyRef, LedgerIndex, OrganizationId } from '../../domain/ids';
import type { IncidentRecord } from '../../domain/incident';
import type { ControlOutcome } from '../../domain/ports/control-probe';
import type { OwnerOf, Store } from '../../store/contract';
import { minuteRound } from '../../workers/every-minute';
import { createDesk } from '../fakes/api/terminal';
import { type ApiWorld, createApiWorld, NOW } from '../fakes/api/world';

const INCIDENT: IncidentRecord = {
  ...{ id: '1' as IncidentId, organization: 'o' as OrganizationId, code: 'NETWORK', owner: null },
  ...{ requestId: null, firstRefusalAt: NOW, lastRefusalAt: NOW, refusals: 3, probes: 0 },
  ...{ detectedAt: null, answeredAt: null, closedAt: null, proof: null, openedIndex: null },
  ...{ closedIndex: null, notes: [] },
};

describe('status', () => {
  let world: ApiWorld;
  beforeEach(async () => {
    world = await createApiWorld();
  });
  afterEach(() => world.close());

  const incident = async (code: ProviderCode, owner: Owner | null) => {
    const row = world.store.rows.get('acme');
    if (row === undefined) throw new Error('no acme');
    row.status = { ...row.status, posture: 'degraded', incident: { ...INCIDENT, code, owner } };
    const status = await world.client('support').status('acme');
    return { incident: status.incident, text: statusText(status) };
  };

  test('an incident has its owner, and the words for that one', async () => {
    const ours = await incident('NETWORK', 'operator');
    expect(ours.incident).toMatchObject({
      owner: 'operator',
      remedy: expect.stringMatching(/nothing to do/),
    });
    expect(ours.text).toMatch(
      /NETWORK since .*\n +for us to mend\n +The provider can’t be reached from our network/,
    );
    const theirs = await incident('NETWORK', 'customer');
    expect(theirs.incident).toMatchObject({
      owner: 'customer',
      remedy: expect.stringMatching(/firewall and DNS/),
    });
    expect(theirs.text).toContain('for the customer to mend');
  });

  test('until it’s known, nobody is named', async () => {
    const { incident: shown, text } = await incident('ROLE_ASSUME_DENIED', null);
    expect(shown).toMatchObject({ owner: null, remedy: expect.stringMatching(/trust policy/) });
    expect(text).not.toMatch(/to mend|trouble/);
  });

  test('so do the findings of the last verification', async () => {
    const row = world.store.rows.get('acme');
    if (row === undefined) throw new Error('no acme');
    const change: Change = {
      type: 'verification-recorded',
      connectionId: '6f1c1d2e-0000-4000-8000-00000000000c' as string as ConnectionId,
      findings: [
        {
          check: 'assume-role',
          result: 'failed',
          code: 'ROLE_ASSUME_DENIED',
          owner: 'operator',
          requestId: null,
        },
        { check: 'wrap', result: 'skipped' },
      ],
      keyRef: null as KeyRef | null,
      canary: null,
    };
    world.store.append(row, { kind: 'system', name: 'smsk' }, change);
    const status = await world.client('support').status('acme');
    expect(status.verification?.findings).toMatchObject([{ owner: 'operator' }, { owner: null }]);
    expect(statusText(status)).toMatch(/FAILED +assume-role: ROLE_ASSUME_DENIED, for us to mend\./);
    expect(statusText(status)).not.toMatch(/Your role/);
  });
});

describe('a verification that came to nothing', () => {
  let world: ApiWorld;
  beforeEach(async () => {
    world = await createApiWorld();
  });
  afterEach(() => world.close());

  const CONNECTION = '6f1c1d2e-0000-4000-8000-00000000000c' as string as ConnectionId;
  const input = {
    ...({ provider: 'azure-key-vault', tenantId: '6f1c1d2e-0000-4000-8000-00000000000d' } as const),
    key: 'https://acme-keys.vault.azure.net/keys/smsk-0',
    credential: { kind: 'azure-app', clientId: '6f1c1d2e-0000-4000-8000-00000000000e' } as const,
  };
  const impeded = async (owner: Owner, connection: ConnectionId = CONNECTION) => {
    const row = world.store.rows.get('acme');
    if (row === undefined) throw new Error('no acme');
    const operation = {
      ...{ id: '6f1c1d2e-0000-4000-8000-00000000000f', kind: 'activate', stage: 'verification' },
      ...{ stageSince: NOW, openedAt: NOW, epoch: 1, outcome: null, reason: null, planDigest: null },
    } as unknown as NonNullable<typeof row.status.operation>;
    const entered = { id: connection, input, pinnedKeyRef: null } as unknown as Connection;
    row.status = { ...row.status, operation, connection: entered };
    world.store.append(
      row,
      { kind: 'system', name: 'smsk' },
      {
        type: 'verification-impeded',
        connectionId: CONNECTION,
        code: 'OUR_IDENTITY',
        owner,
        requestId: null,
      },
    );
    const status = await world.client('customer-admin').status('acme');
    return { status, text: statusText(status) };
  };

  test('says that it is ours, that nothing is theirs to mend, and awaits us', async () => {
    const { status, text } = await impeded('operator');
    expect(status.verification).toMatchObject({
      findings: [],
      trouble: { code: 'OUR_IDENTITY', owner: 'operator', remedy: expect.stringMatching(/have been told/) },
    });
    expect(status.awaiting).toMatchObject({ who: 'support', what: expect.stringMatching(/nothing to mend/) });
    expect(text).toMatch(
      /FAILED +OUR_IDENTITY, for us to mend\. .*Our people have been told; nothing to do on your side\./,
    );
    expect(text).not.toContain('mend what the findings name');
  });

  test('of the provider’s trouble, that it is the provider’s', async () => {
    const { status, text } = await impeded('provider');
    expect(status.awaiting).toMatchObject({ what: expect.stringMatching(/once the provider answers/) });
    expect(text).toMatch(/the provider’s trouble/);
  });

  test('with another connection since, the customer is awaited as ever', async () => {
    const { status } = await impeded('operator', '6f1c1d2e-0000-4000-8000-000000000010' as ConnectionId);
    expect(status.awaiting).toMatchObject({ who: 'customer-admin' });
  });
});

describe('the minute’s round', () => {
  const asked: string[] = [];
  const probe = (outcome: ControlOutcome) => ({
    outcome: async (provider: string) => {
      asked.push(provider);
      return outcome;
    },
  });
  const said = async (incident: Parameters<OwnerOf>[0], outcome: ControlOutcome): Promise<Owner> => {
    let owner: Owner | undefined;
    const store = {
      now: async () => NOW,
      rollUpUsage: async () => 0,
      recordIncidents: async (ownerOf: OwnerOf) => {
        owner = await ownerOf(incident);
        return 1;
      },
      flushRefusals: async () => 0,
      unsignedLedgers: async () => [],
    };
    await minuteRound(store as unknown as Store, probe(outcome));
    if (owner === undefined) throw new Error('nobody was asked');
    return owner;
  };
  const connection = {
    ...({
      provider: 'aws-kms',
      region: 'eu-central-1',
      key: 'arn:aws:kms:eu-central-1:111122223333:key/k',
    } as const),
    credential: { kind: 'aws-role', roleArn: 'arn:aws:iam::111122223333:role/r' } as const,
  };
  const refused = { connection, code: 'ROLE_ASSUME_DENIED', isOver: false } as const;
  const alike: ControlOutcome = { result: 'fails', code: 'ROLE_ASSUME_DENIED' };
  beforeEach(() => asked.splice(0));

  test('compares an incident with our canary', async () => {
    expect(await said(refused, alike)).toBe('operator');
    expect(await said(refused, { result: 'passes' })).toBe('customer');
    expect(asked).toEqual(['aws-kms', 'aws-kms']);
  });

  test('asks nobody about one that is over, or under platform custody', async () => {
    expect(await said({ ...refused, isOver: true }, alike)).toBe('customer');
    expect(await said({ ...refused, connection: null }, alike)).toBe('operator');
    expect(asked).toEqual([]);
  });
});

describe('drift', () => {
  test('what stands is on the status with its words; a check by hand is accepted, in customer custody only', async () => {
    const world = await createApiWorld();
    try {
      const row = world.store.rows.get('acme');
      if (row === undefined) throw new Error('no acme');
      const client = world.client('support');
      await expect(client.checkDrift('acme')).rejects.toMatchObject({ problem: { code: 'STAGE_MISMATCH' } });
      const found = {
        aspect: 'writes',
        found: 7 as LedgerIndex,
        code: 'WRAP_DENIED',
        owner: 'customer',
        keyRef: null,
        since: NOW,
      } as const;
      const custody = { custody: 'customer' } as NonNullable<typeof row.status.custody>;
      row.status = { ...row.status, posture: 'warning', custody, drift: [found] };
      const status = await client.status('acme');
      const { found: _index, ...shown } = found;
      expect(status.drift).toEqual([{ ...shown, text: expect.any(String), remedy: expect.any(String) }]);
      expect(statusText(status)).toMatch(
        /posture +warning\n +warning +WRAP_DENIED since .*\n +for the customer to mend/,
      );
      await expect(client.checkDrift('acme')).resolves.toMatchObject({ organization: 'acme' });
      const desk = createDesk(world);
      const asked = await desk.smsk(['drift', 'check', '--org', 'acme']);
      desk.close();
      expect([asked.exitCode, asked.out]).toEqual([0, expect.stringContaining('smsk status --org acme')]);
      expect(world.workflows.checked).toEqual(['acme', 'acme']);
    } finally {
      await world.close();
    }
  });
});
