import { ProviderFailure } from '../../domain/failure';
import type { CredentialReferences } from '../../domain/ports/credential-references';
import type { AwsReferencedOf } from '../../providers/aws-kms/referenced';
import type { PlaceSettings } from '../../providers/credentials/approved/compose';

/** For tests in which nobody registers a credential reference. */
export const NO_REFERENCES: CredentialReferences = { find: async () => null };
export const NO_PLACES: PlaceSettings = { folder: null, secretsManager: null, vault: null };
export const notReferenced: AwsReferencedOf = () => Promise.reject(new ProviderFailure('REFERENCE_UNKNOWN'));
