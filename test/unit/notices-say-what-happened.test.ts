import type { JsonObject, JsonValue } from '../../domain/canonical';
import { EFFECT_TEXT, OWNERS, PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import { durationText } from '../../domain/duration';
import { type LedgerIndex, msOf } from '../../domain/ids';
import { findKeyMaterial } from '../../domain/intake/key-material';
import { mailOf } from '../../domain/mail';
import { isExpected as inOneOf } from '../../domain/maintenance';
import { detectionFinding } from '../../domain/ocsf';
import { webhookBody } from '../../domain/webhook';
import { CLOSED, OPENED, toldOf } from './notices/facts';

const CODES = Object.keys(PROVIDER_CODES) as ProviderCode[];
const CLOSING = {
  closedAt: CLOSED,
  entries: { opened: 50 as LedgerIndex, closed: 61 as LedgerIndex },
} as const;
const bodyOf = (...args: Parameters<typeof toldOf>) =>
  JSON.parse(webhookBody(toldOf(...args), 'msg_1')) as { type: string; data: Record<string, unknown> };

test('an opening says what happened, whose it is, what it means for the data, what to do, since when, how many', () => {
  const { subject, text } = mailOf(toldOf(), 'jo@acme.example', 'msg_1');
  expect(subject).toBe('[novantra-test] acme: the provider refuses the customer’s key (KEY_DISABLED)');
  for (const part of [
    'What happened: The key is disabled. (KEY_DISABLED, for the customer to mend)',
    `Your data: ${EFFECT_TEXT.unreadable}`,
    'To do: Enable the key in your provider account.',
    'Expected: no',
    `Since: ${OPENED}`,
    'Refused operations: 12',
    'Refused probes: 1',
    'Provider request: r-1',
    'Ledger entries: 50',
    'Status: https://smsk.novantra.test/v1/organizations/acme/status',
  ])
    expect(text).toContain(part);
  expect(text).not.toMatch(/Lasted|Answers again/);
});

test('where only rotation is blocked, it says that reads and writes go on', () => {
  const { data } = bodyOf({}, { code: 'WRAP_DENIED' });
  expect(data['effect']).toMatch(/^Reads and writes go on/);
  expect(data['ocsf']).toMatchObject({ severity: 'Medium' });
});

test('an end has the evidence: cause, first and last refusal, how long, how many, which entries', () => {
  const { type, data } = bodyOf({ kind: 'incident-closed' }, CLOSING);
  expect(type).toBe('incident.closed');
  expect(data).toMatchObject({
    ...{
      code: 'KEY_DISABLED',
      owner: 'customer',
      since: OPENED,
      answersSince: CLOSED,
      refusedOperations: 12,
      refusedProbes: 1,
    },
    ...{ lastRefusalAt: '2026-03-01T12:05:00.000Z', ledgerEntries: { opened: 50, closed: 61 } },
    ocsf: { activity_id: 3, type_uid: 200_403, status_id: 4, time: msOf(CLOSED), is_alert: false },
  });
  const { text } = mailOf(toldOf({ kind: 'incident-closed' }, CLOSING), 'jo@acme.example', 'msg_1');
  expect(text).toContain('Lasted: 2 h 5 min');
});

test('what is expected is said to be, and alerts nobody', () => {
  const { data } = bodyOf({ isExpected: true });
  expect(data).toMatchObject({ expected: true, ocsf: { is_alert: false, status: 'Suppressed' } });
});

describe.each(CODES)('%s', (code) => {
  test.each([...OWNERS, null])(
    'owner %s: every text is ours, one line each, and holds no key material',
    (owner) => {
      for (const kind of ['incident-opened', 'incident-closed'] as const) {
        const told = toldOf({ kind }, { code, owner, ...(kind === 'incident-closed' ? CLOSING : {}) });
        const { subject, text } = mailOf(told, 'jo@acme.example', 'msg_1');
        expect(subject).toMatch(/^[^\p{Cc}]{20,150}$/u);
        expect(text.split('\n').slice(2, -1)).toEqual(
          expect.arrayContaining([expect.stringMatching(/^What happened: .+\.( .+)? \(/)]),
        );
        expect(findKeyMaterial(JSON.parse(webhookBody(told, 'msg_1')))).toBeNull();
      }
    },
  );
});

/** What OCSF 1.8.0 demands: `events/base_event`, `events/findings/finding`, and the objects in them. */
const REQUIRED = {
  event: [
    'activity_id',
    'category_uid',
    'class_uid',
    'finding_info',
    'metadata',
    'severity_id',
    'time',
    'type_uid',
  ],
  metadata: ['product', 'version'],
  finding_info: ['uid'],
  remediation: ['desc'],
} as const;
const INTEGERS = [
  ...['activity_id', 'category_uid', 'class_uid', 'type_uid', 'severity_id', 'status_id'],
  ...['time', 'start_time', 'end_time'],
];

test.each(['incident-opened', 'incident-closed'] as const)(
  '%s: a Detection Finding as its schema demands one, for every code',
  (kind) => {
    for (const code of CODES) {
      const incident = { code, ...(kind === 'incident-closed' ? CLOSING : {}) };
      const event = detectionFinding(toldOf({ kind }, incident), 'evt_1');
      const part = (name: string) => event[name] as JsonObject;
      expect(Object.keys(event)).toEqual(expect.arrayContaining([...REQUIRED.event]));
      for (const name of ['metadata', 'finding_info', 'remediation'] as const)
        expect(Object.keys(part(name))).toEqual(expect.arrayContaining([...REQUIRED[name]]));
      for (const name of INTEGERS) expect(Number.isSafeInteger(event[name])).toBe(true);
      expect(event).toMatchObject({
        class_uid: 2004,
        category_uid: 2,
        metadata: { version: '1.8.0', uid: 'evt_1' },
      });
      expect(event['type_uid']).toBe(2004 * 100 + Number(event['activity_id']));
      expect([1, 3]).toContain(event['activity_id']);
      expect([1, 2, 3, 4]).toContain(event['severity_id']);
      expect([1, 3, 4]).toContain(event['status_id']);
      // `product` and `resource_details` extend `_entity`: a name or a uid.
      const entities = [part('metadata')['product'], ...(event['resources'] as JsonValue[])] as JsonObject[];
      for (const entity of entities) expect(entity['name'] ?? entity['uid']).toEqual(expect.any(String));
    }
  },
);

test.each([
  [0, '0 ms'],
  [0.25, '250 ms'],
  [59, '59 s'],
  [245, '4 min 5 s'],
  [7_530, '2 h 5 min'],
  [90_000, '1 d 1 h'],
])('%d s lasted %s', (seconds, words) => {
  expect(durationText(seconds * 1000)).toBe(words);
});

test('nothing is expected without a window', () => expect(inOneOf([], OPENED)).toBe(false));
