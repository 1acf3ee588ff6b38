import {
  endFault,
  freshnessOf,
  type NamedReference,
  NO_REFERENCE,
  type ReferenceInput,
  type Registration,
  referenceMessage,
} from '../domain/credential-reference';
import { Refusal } from '../domain/failure';
import { type LedgerIndex, msOf } from '../domain/ids';
import type { OrganizationRecord, Store } from '../store/contract';
import { type Caller, isStaff } from './access';
import type { ApiDeps } from './deps';
import type { ReferenceChanged, ReferenceView, RegistrationView } from './shapes/references';
import { signedBy } from './sign';

type StaffAt = Caller & { readonly organization: OrganizationRecord };
type UnfencedChange = Extract<Parameters<Store['commit']>[0], { fence: null }>['change'];

/** Where each name stands that counts or waits; where credentials lie is said to the operator's own people. */
export async function referenceViews(
  { store }: Pick<ApiDeps, 'store'>,
  { organization: { id }, role }: StaffAt,
): Promise<readonly ReferenceView[]> {
  const [named, now] = [await store.references(id), await store.now()];
  const locators = isStaff(role) ? await store.locators(id) : new Map<LedgerIndex, string>();
  const view = ({ index, provider, key, identity, notAfter, by, at }: Registration): RegistrationView => ({
    ...{ index, provider, key, identity, notAfter },
    locator: locators.get(index) ?? null,
    registeredBy: by,
    registeredAt: at,
  });
  return [...named]
    .filter(([, { confirmed, pending }]) => confirmed !== null || pending !== null)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { confirmed, pending }]) => ({
      name,
      confirmed:
        confirmed === null
          ? null
          : {
              ...view(confirmed.registration),
              confirmedBy: confirmed.confirmation.by,
              confirmedAt: confirmed.confirmation.at,
              freshness: freshnessOf(msOf(confirmed.registration.notAfter), msOf(now)),
            },
      pending: pending === null ? null : view(pending),
    }));
}

/** The first of the two steps. @throws Refusal INPUT_INVALID, REFERENCE_EXISTS, IDEMPOTENCY_KEY_REUSED */
export async function registerReference(
  deps: ApiDeps,
  caller: StaffAt,
  input: ReferenceInput,
  idempotencyKey: string,
): Promise<ReferenceChanged> {
  const { store } = deps;
  const { organization } = caller;
  const fault = endFault(msOf(input.notAfter), msOf(await store.now()));
  if (fault !== null) throw new Refusal('INPUT_INVALID', `body/notAfter: ${fault}`);
  const after = (await standing(store, organization, input.name)).last;
  const message = referenceMessage('register', organization.id, input, after);
  const { actor: proof } = await signedBy(deps, caller, organization.name, 'registerReference', message);
  return committed(store, caller, input.name, idempotencyKey, {
    type: 'reference-registered',
    ...input,
    after,
    proof,
  });
}

/**
 * The second one, by somebody else, for the registration that was read: it names one line of the ledger, so what is
 * confirmed is what was seen.
 * @throws Refusal REFERENCE_NOT_FOUND, SECOND_PERSON_NEEDED, LEDGER_MISMATCH, IDEMPOTENCY_KEY_REUSED
 */
export async function confirmReference(
  deps: ApiDeps,
  caller: StaffAt,
  name: string,
  index: number,
  idempotencyKey: string,
): Promise<ReferenceChanged> {
  const { store } = deps;
  const { organization } = caller;
  const { confirmed, pending } = await standing(store, organization, name);
  // Confirmed already: whether by this very request is the store's to say.
  const registration = [pending, confirmed?.registration].find((one) => one?.index === index);
  const locator = (await store.locators(organization.id)).get(index as LedgerIndex);
  if (registration == null || locator === undefined) throw new Refusal('REFERENCE_NOT_FOUND');
  const entry = { ...registration, locator };
  const message = referenceMessage('confirm', organization.id, entry, registration.index);
  const { actor: proof } = await signedBy(deps, caller, organization.name, 'confirmReference', message);
  return committed(store, caller, name, idempotencyKey, {
    type: 'reference-confirmed',
    name,
    registration: registration.index,
    proof,
  });
}

/** Ends it: what counts and what waits. One person is enough to stop a use. @throws Refusal REFERENCE_NOT_FOUND */
export const withdrawReference = (
  { store }: Pick<ApiDeps, 'store'>,
  caller: StaffAt,
  name: string,
  idempotencyKey: string,
): Promise<ReferenceChanged> =>
  committed(store, caller, name, idempotencyKey, { type: 'reference-withdrawn', name });

async function committed(
  store: Store,
  { actor, organization }: StaffAt,
  name: string,
  idempotencyKey: string,
  change: UnfencedChange,
): Promise<ReferenceChanged> {
  const { index, at, replayed } = await store.commit({
    idempotencyKey: `reference/${idempotencyKey}`,
    actor,
    fence: null,
    organization: organization.id,
    change,
  });
  return { name, recorded: { index, at, replayed } };
}

/** Who a reference that counts makes us with that key, by the ledger; `null`: there's none. */
export async function registeredIdentity(
  store: Pick<Store, 'references'>,
  { id }: OrganizationRecord,
  name: string,
  key: string,
): Promise<string | null> {
  const registration = (await store.references(id)).get(name)?.confirmed?.registration;
  return registration?.key === key ? registration.identity : null;
}

const standing = async (store: Store, { id }: OrganizationRecord, name: string): Promise<NamedReference> =>
  (await store.references(id)).get(name) ?? NO_REFERENCE;
