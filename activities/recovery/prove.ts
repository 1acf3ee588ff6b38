import { attribute, ownerOf } from '../../domain/attribution';
import type { Owner, ProviderCode } from '../../domain/codes';
import type { EnvelopeRecord } from '../../domain/custody';
import { sha256Hex } from '../../domain/digest';
import { ProviderFailure, Refusal } from '../../domain/failure';
import type { IncidentId, KeyVersion, OrganizationId, OrganizationName, RequestId } from '../../domain/ids';
import { isBlocking, type RecoveryProof } from '../../domain/incident';
import { checkValueOf } from '../../domain/key-check';
import { CONTROL_UNKNOWN } from '../../domain/ports/control-probe';
import type { Unwrapped } from '../../domain/ports/provider';
import { verified } from '../attribution';
import type { CustodyDeps, PlatformDeps } from '../deps';
import { callSignal } from '../edge';
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
  const { store, provider, settings } = deps;
  const { organization, connection } = await standing(store, step);
  if (connection === null) throw new ProviderFailure('STATEMENT_INVALID');
  const unwrap = ({ wrapped, keyRef, version }: EnvelopeRecord) =>
    provider.unwrap(
      connection,
      wrapped,
      keyRef,
      workspaceKeyContext(organization.id, version),
      callSignal(settings.providerCallMs),
    );
  const whose = (code: ProviderCode) => ownerOf(deps.controlProbe, connection.input, code);
  return prove(store, organization.id, step, whose, async () => {
    const versions = await proveEnvelopes(deps, organization.id, unwrap);
    const { findings } = await verified(deps, connection);
    return { versions, findings };
  });
}

/** The same for an organization in platform custody: in the process that can use its key. */
export async function provePlatformRecovery(
  deps: Pick<PlatformDeps, 'store' | 'keys' | 'statements' | 'settings'>,
  step: Recovering,
): Promise<Probed> {
  const { store, keys, settings } = deps;
  const { organization } = await standing(store, step);
  const unwrap = ({ wrapped, keyRef, version }: EnvelopeRecord) =>
    keys.unwrap(
      keyRef,
      wrapped,
      workspaceKeyContext(organization.id, version),
      callSignal(settings.providerCallMs),
    );
  const whose = async (code: ProviderCode) => attribute(null, code, CONTROL_UNKNOWN);
  return prove(store, organization.id, step, whose, async () => ({
    versions: await proveEnvelopes(deps, organization.id, unwrap),
    findings: [],
  }));
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

/** Every live envelope, as signed, by an unwrap. @throws ProviderFailure */
async function proveEnvelopes(
  { store, statements }: Pick<Deps, 'store' | 'statements'>,
  organization: OrganizationId,
  unwrap: (envelope: EnvelopeRecord) => Promise<Unwrapped>,
): Promise<readonly KeyVersion[]> {
  const envelopes = await store.liveEnvelopes(organization);
  if (envelopes.length === 0) throw new ProviderFailure('STATEMENT_INVALID');
  for (const envelope of envelopes) {
    await demandSigned(statements, organization, envelope);
    const { bytes } = await unwrap(envelope);
    try {
      if (checkValueOf(bytes, organization, envelope.version) !== envelope.checkValue)
        throw new ProviderFailure('CHECK_VALUE_MISMATCH');
    } finally {
      bytes.fill(0);
    }
  }
  return envelopes.map(({ version }) => version);
}

async function demandSigned(
  statements: Deps['statements'],
  organization: OrganizationId,
  envelope: EnvelopeRecord,
): Promise<void> {
  const signed = await statements.envelope(envelope.statement);
  if (
    signed.organization !== organization ||
    signed.version !== envelope.version ||
    signed.wrappedSha256 !== sha256Hex(envelope.wrapped) ||
    signed.keyRef !== envelope.keyRef ||
    signed.checkValue !== envelope.checkValue
  ) {
    throw new ProviderFailure('STATEMENT_INVALID');
  }
}
