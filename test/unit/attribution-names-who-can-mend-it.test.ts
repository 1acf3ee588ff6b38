import { ATTRIBUTION, attribute, isSplit, ownerOf, type Refused } from '../../domain/attribution';
import { wordsOf } from '../../domain/attribution-words';
import { OWNERS, type Owner, PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import { AttributedFailure, ProviderFailure } from '../../domain/failure';
import { findingText } from '../../domain/finding';
import { CONTROL_UNKNOWN, type ControlOutcome } from '../../domain/ports/control-probe';

type Given = NonNullable<Refused>;
const clientId = '11111111-2222-3333-4444-555555555555';
const aws: Given = {
  provider: 'aws-kms',
  credential: { kind: 'aws-role', roleArn: 'arn:aws:iam::1:role/r' },
};
const awsReference: Given = { provider: 'aws-kms', credential: { kind: 'approved', name: 'acme-key' } };
const azure: Given = { provider: 'azure-key-vault', credential: { kind: 'azure-app', clientId } };
const azureReference: Given = {
  provider: 'azure-key-vault',
  credential: { kind: 'approved', name: 'acme-vault' },
};
const connections = [aws, awsReference, azure, azureReference];

const CODES = Object.keys(PROVIDER_CODES) as ProviderCode[];
const passes: ControlOutcome = { result: 'passes' };
const fails = (code: ProviderCode): ControlOutcome => ({ result: 'fails', code });
const outcomes: ControlOutcome[] = [CONTROL_UNKNOWN, passes, ...CODES.map(fails)];

const [C, P, O] = OWNERS;
/**
 * For each code that the canary splits: nothing known, canary passes, canary fails in the same way; once with our own
 * identity, once with a reference. In the order AWS, Azure where the two differ.
 */
const SPLIT: Partial<Record<ProviderCode, readonly [string, string]>> = {
  ROLE_ASSUME_DENIED: ['customer customer operator', 'customer customer customer'],
  SP_NOT_IN_TENANT: ['customer customer operator', 'customer customer customer'],
  IDENTITY_BLOCKED: ['customer customer operator', 'customer customer customer'],
  OUR_IDENTITY: ['operator operator operator', 'operator customer operator'],
  OUR_CLOCK_OR_CREDS: ['operator operator operator', 'operator customer operator'],
  TENANT_NOT_FOUND: ['customer customer operator', 'customer customer operator'],
  TENANT_MISMATCH: ['customer customer operator', 'customer customer operator'],
  REGION_NOT_ENABLED: ['customer customer operator', 'customer customer operator'],
  THROTTLED: ['customer customer operator', 'customer customer customer'],
  FIREWALL: ['customer customer operator', 'customer customer operator'],
  NETWORK: ['provider provider|customer operator', 'provider provider|customer operator'],
  VAULT_PURGED_OR_WRONG: ['customer customer operator', 'customer customer operator'],
  HOST_NOT_ALLOWED: ['customer customer operator', 'customer customer operator'],
  DEADLINE_EXCEEDED: ['provider provider provider', 'provider provider provider'],
  UNCLASSIFIED: ['operator operator operator', 'operator operator operator'],
};

describe('who can mend a refusal', () => {
  test.each(CODES)('%s', (code) => {
    const rows = SPLIT[code];
    expect(isSplit(aws, code)).toBe(rows !== undefined);
    if (rows === undefined) {
      // Whatever our canary says; and only one code goes by whose credential it is.
      for (const connection of connections) {
        const owners = new Set(outcomes.map((outcome) => attribute(connection, code, outcome)));
        const isOurs = code === 'CREDENTIAL_INVALID' && connection.credential.kind !== 'approved';
        expect([...owners]).toEqual([isOurs ? O : PROVIDER_CODES[code].owner]);
      }
      return;
    }
    const pairs = [
      [aws, awsReference],
      [azure, azureReference],
    ] as const;
    for (const [which, [own, reference]] of pairs.entries()) {
      const asked = (connection: Given) =>
        [CONTROL_UNKNOWN, passes, fails(code)].map((outcome) => attribute(connection, code, outcome));
      const said = (row: string) =>
        row.split(' ').map((cell) => cell.split('|').at(which === 0 ? 0 : -1) as Owner);
      expect(asked(own)).toEqual(said(rows[0]));
      expect(asked(reference)).toEqual(said(rows[1]));
    }
  });

  test('every code has its rule, and no rule is for a code there isn’t', () => {
    expect(Object.keys(ATTRIBUTION).sort()).toEqual([...CODES].sort());
  });

  test('a canary that fails for a reason of its own says nothing', () => {
    for (const code of CODES)
      for (const its of ['KEY_DISABLED', 'UNWRAP_DENIED', 'TRUST_POLICY_OPEN', 'KEY_NOT_FOUND'] as const)
        for (const connection of connections)
          expect(attribute(connection, code, fails(its))).toBe(attribute(connection, code, CONTROL_UNKNOWN));
  });

  test.each([
    // Our principal's key was revoked: the customer's AssumeRole and the canary's needn't end alike.
    ['ROLE_ASSUME_DENIED', 'OUR_IDENTITY', O],
    ['REGION_NOT_ENABLED', 'OUR_IDENTITY', O],
    // Our resolver is broken: one name isn't found, another can't be reached.
    ['VAULT_PURGED_OR_WRONG', 'NETWORK', O],
    ['DEADLINE_EXCEEDED', 'NETWORK', O],
    ['DEADLINE_EXCEEDED', 'PROVIDER_TRANSIENT', P],
    ['UNCLASSIFIED', 'PROVIDER_TRANSIENT', P],
    // The provider's trouble explains no denial, and no firewall.
    ['ROLE_ASSUME_DENIED', 'PROVIDER_TRANSIENT', C],
    ['FIREWALL', 'NETWORK', C],
  ] as const)('%s, while the canary ends with %s: %s', (code, canary, owner) => {
    expect(attribute(azure, code, fails(canary))).toBe(owner);
  });

  test('under platform custody nothing is the customer’s', () => {
    for (const code of CODES)
      for (const outcome of outcomes)
        expect(attribute(null, code, outcome)).toBe(PROVIDER_CODES[code].owner === P ? P : O);
  });

  test('the canary is asked only where it decides', async () => {
    const asked: string[] = [];
    const control = {
      outcome: async (provider: string) => {
        asked.push(provider);
        return passes;
      },
    };
    expect(await ownerOf(control, azure, 'KEY_DISABLED')).toBe(C);
    expect(await ownerOf(control, azure, 'CREDENTIAL_INVALID')).toBe(O);
    expect(await ownerOf(control, null, 'NETWORK')).toBe(P);
    expect(asked).toEqual([]);
    expect(await ownerOf(control, azure, 'NETWORK')).toBe(C);
    expect(asked).toEqual(['azure-key-vault']);
  });
});

describe('the words follow', () => {
  const attributed = CODES.flatMap((code) =>
    [
      ...new Set(connections.flatMap((each) => outcomes.map((outcome) => attribute(each, code, outcome)))),
    ].map((owner) => ({ code, owner })),
  );

  test('where it’s ours, nothing is asked of the customer, and nothing is said of theirs', () => {
    for (const { code, owner } of attributed) {
      if (owner !== O) continue;
      const { text, remedy } = wordsOf(code, owner);
      expect(`${code}: ${remedy}`).not.toMatch(
        /\b(your (account|role|key|vault|tenant)|compare|create|enable|allow)\b/i,
      );
      expect(`${code}: ${text}`).not.toMatch(/\bYour\b/);
    }
  });

  test('where the table names another, its words aren’t used', () => {
    for (const { code, owner } of attributed)
      if (owner !== PROVIDER_CODES[code].owner)
        expect(wordsOf(code, owner)).not.toEqual(PROVIDER_CODES[code]);
  });

  test('not attributed, or as the table has it: the table’s words', () => {
    for (const code of CODES) {
      expect(wordsOf(code, null)).toBe(PROVIDER_CODES[code]);
      expect(wordsOf(code, PROVIDER_CODES[code].owner)).toBe(PROVIDER_CODES[code]);
    }
  });

  test('a finding and a failure say it', () => {
    const finding = { check: 'unwrap', result: 'failed', code: 'NETWORK', requestId: null } as const;
    expect(findingText({ ...finding, owner: C })).toMatch(
      /^unwrap: NETWORK, for the customer to mend\. .*firewall and DNS/,
    );
    expect(findingText({ ...finding, owner: O })).toMatch(
      /for us to mend\. .*our network.*nothing to do on your side/,
    );
    const failure = new AttributedFailure(new ProviderFailure('PROVIDER_TRANSIENT'), P);
    expect(failure.message).toMatch(/^PROVIDER_TRANSIENT, the provider’s trouble: /);
    expect(failure).toBeInstanceOf(ProviderFailure);
  });
});
