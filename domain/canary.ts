import type { KeyVersion, OrganizationId } from './ids';
import type { WrapContext } from './ports/provider';

/** What a canary is bound to: the same in every verification and every probe, so that any of them can unwrap it. */
export const canaryContext = (organization: OrganizationId): WrapContext => ({
  organization,
  purpose: 'canary',
  keyVersion: 1 as KeyVersion,
});
