import { attribute, ownerOf } from '../../domain/attribution';
import type { Owner, ProviderCode } from '../../domain/codes';
import { sha256Hex } from '../../domain/digest';
import { ProviderFailure, Refusal } from '../../domain/failure';
import type { IncidentId, OrganizationId, OrganizationName, RequestId } from '../../domain/ids';
import { isBlocking, type RecoveryProof } from '../../domain/incident';
import { CONTROL_UNKNOWN } from '../../domain/ports/control-probe';
import { verified } from '../attribution';
import { custodyInUse, demandSigned } from '../custody-in-use';
import type { CustodyDeps, PlatformDeps } from '../deps';
import { callSignal } from '../edge';
import { demandKey, proveLiveKeys } from '../live-keys';
import { workspaceKeyContext } from '../wrapping';

/** Named, and looked up by whoever acts on it: an id beside it could be another organization's. */
export interface Recovering {
  readonly organization: OrganizationName;
  readonly incident: IncidentId;
}

/** What a probe of a recovery came to. */
export type Probed =
  | { readonly closed: true }
  /** It was proved, and something was refused meanwhile: to be proved again. */
  | { readonly closed: false; readonly refused: null }
  | {
      readonly closed: false;
      readonly refused: {
        readonly code: ProviderCode;
        readonly owner: Owner;
        readonly requestId: RequestId | null;
      };
    };

type Store = CustodyDeps['store'];
type Deps = Pick<CustodyDeps, 'store' | 'provider' | 'verifier' | 'controlProbe' | 'statements' | 'settings'>;

/**
 * Under the customer's key: unwraps every live envelope and compares its check value, verifies the connection with
 * fresh credentials, and closes the incident with what was proved. What is refused is counted into the incident. The
 * proof is closed with in here, and never carried by the workflow, which anybody with a worker could make say it.
 */
export async function proveRecovery(deps: Deps, step: Recovering): Promise<Probed> {
  const { store } = deps;
  const { organization, connection: rows } = await standing(store, step);
  if (rows === null) throw new ProviderFailure('STATEMENT_INVALID');
  const whose = (code: ProviderCode) => ownerOf(deps.controlProbe, rows.input, code);
  return prove(store, organization.id, step, whose, async () => {
    const inUse = await custodyInUse(deps, { organization });
    const versions = await proveLiveKeys(deps, inUse);
    const { findings } = await verified(deps, inUse.connection);
    return { versions, findings };
  });
}

/** The same for an organization in platform custody: in the process that can use its key. */
export async function provePlatformRecovery(
  deps: Pick<PlatformDeps, 'store' | 'keys' | 'statements' | 'settings'>,
  step: Recovering,
): Promise<Probed> {
  const { store, keys, statements, settings } = deps;
  const { organization } = await standing(store, step);
  const whose = async (code: ProviderCode) => attribute(null, code, CONTROL_UNKNOWN);
  return prove(store, organization.id, step, whose, async () => {
    const envelopes = await store.liveEnvelopes(organization.id);
    if (envelopes.length === 0) throw new ProviderFailure('STATEMENT_INVALID');
    for (const envelope of envelopes) {
      const { operationId, version, keyRef, wrapped } = envelope;
      // By the bytes that are going to be unwrapped, whatever the row says that they are.
      const judged = { ...envelope, wrappedSha256: sha256Hex(wrapped) };
      await demandSigned(statements, { organization: organization.id, operationId }, judged);
      const context = workspaceKeyContext(organization.id, version);
      const unwrapped = await keys.unwrap(keyRef, wrapped, context, callSignal(settings.providerCallMs));
      demandKey(unwrapped, envelope);
      unwrapped.bytes.fill(0);
    }
    return { versions: envelopes.map(({ version }) => version), findings: [] };
  });
}

async function standing(store: Store, step: Recovering) {
  const status = await store.status(step.organization);
  if (status === null) throw new Refusal('ORGANIZATION_UNKNOWN');
  const isCustomers = status.custody?.custody === 'customer';
  return { organization: status.organization, connection: isCustomers ? status.connection : null };
}

async function prove(
  store: Store,
  organization: OrganizationId,
  { incident }: Recovering,
  whose: (code: ProviderCode) => Promise<Owner>,
  proof: () => Promise<RecoveryProof>,
): Promise<Probed> {
  const since = await store.now();
  const refused = async (code: ProviderCode, requestId: RequestId | null, owner: Owner): Promise<Probed> => {
    await store.probeRefused(organization, code, requestId);
    return { closed: false, refused: { code, owner, requestId } };
  };
  try {
    const proved = await proof();
    const blocking = proved.findings.find(isBlocking);
    if (blocking?.result === 'failed')
      return await refused(blocking.code, blocking.requestId, blocking.owner);
    const closed = await store.closeIncident(organization, incident, since, proved);
    return closed ? { closed } : { closed, refused: null };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    return refused(error.code, error.requestId, await whose(error.code));
  }
}
