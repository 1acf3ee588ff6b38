import { ProviderFailure } from '../domain/failure';
import type { Epoch, OrganizationId } from '../domain/ids';
import type { PlatformDeps } from './deps';

/**
 * A platform key is ended by custody as it is, and by no statement from before: after an offboarding the former ones, truly
 * signed, would have the present key ended. The signer's floor lives outside the database.
 * @throws ProviderFailure STATEMENT_INVALID
 */
export async function demandPresent(
  { epochFloor }: Pick<PlatformDeps, 'epochFloor'>,
  { organization, epoch }: { readonly organization: OrganizationId; readonly epoch: Epoch },
): Promise<void> {
  if (epoch < (await epochFloor(organization))) throw new ProviderFailure('STATEMENT_INVALID');
}
