import { msOf } from '../../domain/ids';
import type { CredentialEnds } from '../../domain/ports/credential-references';

/** By the registered date alone, without a look at any credential. */
export const REGISTERED_ENDS: CredentialEnds = { endOf: async ({ notAfter }) => msOf(notAfter) };
