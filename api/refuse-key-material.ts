import type { preValidationAsyncHookHandler } from 'fastify';
import type { RefusalSubject } from '../domain/change';
import { Refusal } from '../domain/failure';
import { findKeyMaterial } from '../domain/intake/key-material';
import { callerOf } from './access';
import type { ApiDeps } from './deps';

/**
 * Before any field is judged by its grammar: what looks like key material is refused, and the refusal, which
 * holds nothing of the content, is in the ledger (invariant 7).
 */
export function refuseKeyMaterial(
  { store }: Pick<ApiDeps, 'store'>,
  subject: RefusalSubject,
): preValidationAsyncHookHandler {
  return async (request) => {
    const found = findKeyMaterial(request.body);
    if (found === null) return;
    const { organization, actor } = callerOf(request);
    if (organization !== null)
      await store.recordRefusal({ organization: organization.id, subject, code: 'RAW_KEY_MATERIAL', actor });
    throw new Refusal('RAW_KEY_MATERIAL', `${found.field}: ${found.detector}, ${found.length} characters`);
  };
}
