import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { isNetworkError, textOf } from '../calls/foreign-error';
import { VaultRefusal } from './answer';
import { VAULT_RULES, type VaultOperation } from './rules';

export interface Asked {
  readonly operation: VaultOperation;
  /** The connection's. */
  readonly tenantId: string;
}

/**
 * Where raw errors die (invariant 8): out comes a failure built fresh, with the id that we gave the request.
 * Unknown means `UNCLASSIFIED`: it fails closed and we are told.
 */
export function classify(raw: unknown, asked: Asked): ProviderFailure {
  if (raw instanceof VaultRefusal) return new ProviderFailure(codeOfRefusal(raw, asked), raw.requestId);
  return new ProviderFailure(codeOfTransport(raw));
}

function codeOfRefusal(refusal: VaultRefusal, { operation, tenantId }: Asked): ProviderCode {
  const { status, inner, says, challengedTenant } = refusal;
  if (status === 401 && challengedTenant !== null && challengedTenant !== tenantId) return 'TENANT_MISMATCH';
  if (status >= 500 && status <= 599) return 'PROVIDER_TRANSIENT';
  const rule = VAULT_RULES.find(
    (r) =>
      r.status === status &&
      (r.during === undefined || r.during === operation) &&
      (r.inner === undefined || r.inner.includes(inner)) &&
      (r.says === undefined || r.says.test(says)),
  );
  return rule?.code ?? 'UNCLASSIFIED';
}

/** No answer came: the egress, the SDK or Node says why. */
function codeOfTransport(raw: unknown): ProviderCode {
  const name = textOf(raw, 'name');
  if (name === 'HostNotAllowed') return 'HOST_NOT_ALLOWED';
  if (name === 'AbortError') return 'DEADLINE_EXCEEDED';
  // Its name is the vault's: a soft-deleted one keeps it, so only a purged one, or none, has no address.
  if (textOf(raw, 'code') === 'ENOTFOUND') return 'VAULT_PURGED_OR_WRONG';
  return isNetworkError(raw) || name === 'TransportFailed' ? 'NETWORK' : 'UNCLASSIFIED';
}
