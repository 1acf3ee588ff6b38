import type { ChangeOf, Committed } from '../../domain/change';
import { instantOf, type OrganizationId, type OrganizationName } from '../../domain/ids';
import type { Mail } from '../../domain/mail';
import type { OrderClaims } from '../../domain/order';
import type { CommitRequest } from '../../store/contract';
import { tellingOfEntitlements } from '../../workers/entitlements';
import { DEPLOYMENT, fakeAuthority, signOrder } from '../fakes/authority';

const ID = '6f1c1d2e-0000-4000-8000-000000000001' as OrganizationId;
const NAME = 'acme' as OrganizationName;
const DAY_S = 86_400;

/** An organization in customer custody with an order, our own people, and a clock. */
function world() {
  let nowS = 1_800_000_000;
  let seq = 0;
  let jws: string | null = null;
  let takes = true;
  const committed = new Map<string, ChangeOf<'entitlement-told'>>();
  const mails: Mail[] = [];
  const logged: string[] = [];
  const note = (fields: object) => void logged.push((fields as { event: string }).event);
  const look = tellingOfEntitlements({
    store: {
      latestOrder: async () => (jws === null ? null : { jws, seq, kind: 'order' }),
      now: async () => instantOf(nowS * 1000),
      isOnRecord: async (_organization, key) => committed.has(key),
      inCustomerCustody: async () => [{ id: ID, name: NAME, externalId: '', createdAt: instantOf(0) }],
      commit: async ({ idempotencyKey, change }: CommitRequest) => {
        committed.set(idempotencyKey, change as ChangeOf<'entitlement-told'>);
        return {} as Committed;
      },
    },
    closed: new Set(),
    authority: fakeAuthority,
    notices: {
      deployment: DEPLOYMENT,
      couriers: {
        post: async () => {
          throw new Error('nothing is posted');
        },
        mail: async (mail) => {
          mails.push(mail);
          return takes ? { verdict: 'accepted', statusClass: 2 } : { verdict: 'later', statusClass: 4 };
        },
      },
      own: [
        { channel: 'mail', id: 'support', hears: 'all', address: 'support@novantra.example' },
        { channel: 'mail', id: 'on-call', hears: 'ours', address: 'on-call@novantra.example' },
      ],
      statusUrl: (organization) => `https://smsk.example/${organization}`,
    },
    logger: { info: note, warn: note, error: note },
  });
  const accept = (kind: OrderClaims['kind'], days: number): void => {
    seq += 1;
    const exp = nowS + days * DAY_S;
    const approver = { thumbprint: 'A'.repeat(43), role: 'customer-admin' } as OrderClaims['approver'];
    const about = { iss: 'commerce', aud: DEPLOYMENT, org: ID, orderRef: `SO-${seq}`, jti: `order-${seq}-0` };
    jws = signOrder({ ...about, kind, seq, iat: nowS, exp, approver } as OrderClaims);
  };
  return {
    ...{ look, accept, mails, logged },
    pass: (days: number) => {
      nowS += days * DAY_S;
    },
    relay: (does: boolean) => {
      takes = does;
    },
    told: () => [...committed.values()].map(({ orderRef, state, taken }) => `${orderRef} ${state} ${taken}`),
  };
}

test('30 days ahead and at the end, each once; of a withdrawal once; a new order begins anew', async () => {
  const { look, accept, pass, mails, told, logged } = world();
  accept('order', 90);
  await look();
  expect(told()).toEqual([]);
  pass(60);
  await look();
  await look();
  expect(told()).toEqual(['SO-1 ending 1']);
  pass(30);
  await look();
  await look();
  expect(told()).toEqual(['SO-1 ending 1', 'SO-1 ended 1']);
  accept('order', 20);
  await look();
  accept('withdrawal', 20);
  pass(100);
  await look();
  await look();
  expect(told().slice(2)).toEqual(['SO-2 ending 1', 'SO-3 withdrawn 1']);
  expect(mails.map(({ to }) => to)).toEqual(Array(4).fill('support@novantra.example'));
  expect(new Set(mails.map(({ id }) => id)).size).toBe(4);
  expect(logged).toEqual([
    'entitlement.ending',
    'entitlement.ended',
    'entitlement.ending',
    'entitlement.withdrawn',
  ]);
});

test('the mail says what it is about, that nothing changes by itself, and both ways on', async () => {
  const { look, accept, mails } = world();
  accept('order', 10);
  await look();
  const [mail] = mails;
  expect(mail?.subject).toBe(`[${DEPLOYMENT}] acme: the order for customer custody ends soon`);
  expect(mail?.text).toMatch(/^Order: SO-1$/m);
  expect(mail?.text).toMatch(/^Ends: 20\d\d-/m);
  expect(mail?.text).toMatch(/Nothing changes by itself/);
  expect(mail?.text).toMatch(/A new order ends this warning.* offboarding/);
  expect(mail?.text).toMatch(/https:\/\/smsk\.example\/acme/);
});

test('what no relay takes isn’t on record, and is sent again under the same id', async () => {
  const { look, accept, relay, mails, told, logged } = world();
  accept('order', 10);
  relay(false);
  await look();
  await look();
  expect(told()).toEqual([]);
  relay(true);
  await look();
  await look();
  expect(told()).toEqual(['SO-1 ending 1']);
  expect(mails).toHaveLength(3);
  expect(new Set(mails.map(({ id }) => id)).size).toBe(1);
  expect(logged.slice(0, 2)).toEqual(['entitlement.undelivered', 'entitlement.undelivered']);
});

test('an order that can’t be proved tells nobody anything', async () => {
  const { look, mails, told } = world();
  await look();
  expect([mails, told()]).toEqual([[], []]);
});

test('many organizations are looked at some at a time, and all in turn', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'] as OrganizationName[];
  const asked: (string | null)[] = [];
  const seen: string[] = [];
  const look = tellingOfEntitlements(
    {
      store: {
        inCustomerCustody: async (after: OrganizationName | null, limit: number) => {
          asked.push(after);
          const next = names.filter((name) => after === null || name > after).slice(0, limit);
          return next.map((name) => ({ id: name as string, name })) as never;
        },
        latestOrder: async (organization: OrganizationId) => {
          seen.push(organization);
          return null;
        },
      } as never,
      closed: new Set(),
      authority: fakeAuthority,
      notices: {} as never,
      logger: {} as never,
    },
    2,
  );
  for (let i = 0; i < 4; i += 1) await look();
  expect(asked).toEqual([null, 'b', 'd', null]);
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'a', 'b']);
});

test('one that fails hinders no other, and the look says so; one whose ledger is closed isn’t told of', async () => {
  const seen: string[] = [];
  const look = tellingOfEntitlements({
    store: {
      inCustomerCustody: async () => ['a', 'b', 'c'].map((name) => ({ id: name, name })) as never,
      latestOrder: async (organization: OrganizationId) => {
        seen.push(organization);
        if (organization !== 'c') throw new Error(`no answer for ${organization}`);
        return null;
      },
    } as never,
    closed: new Set(['b' as OrganizationId]),
    authority: fakeAuthority,
    notices: {} as never,
    logger: {} as never,
  });
  await expect(look()).rejects.toThrow('no answer for a');
  expect(seen).toEqual(['a', 'c']);
});
