import type { OrganizationId } from '../domain/ids';
import type { Store } from './contract';

/**
 * A store that has the ledger's head signed soon after each commit, without making the commit wait. Heads of one
 * organization are signed one after another; commits meanwhile share the next one. What fails is signed with the
 * next commit, or by {@link everyMinute}'s round.
 * @param onFailure told of a head that couldn't be signed
 */
export function withCheckpoints(store: Store, onFailure: (organization: OrganizationId) => void): Store {
  const wanted = new Set<OrganizationId>();
  const signing = new Map<OrganizationId, Promise<void>>();

  const sign = async (organization: OrganizationId): Promise<void> => {
    while (wanted.delete(organization)) {
      await store.publishCheckpoint(organization).catch(() => onFailure(organization));
    }
    signing.delete(organization);
  };
  const committed = <T>(organization: OrganizationId, answer: T): T => {
    wanted.add(organization);
    if (!signing.has(organization)) signing.set(organization, sign(organization));
    return answer;
  };

  return {
    ...store,
    commit: async (request) =>
      committed(
        request.fence === null ? request.organization : request.fence.organization,
        await store.commit(request),
      ),
    createOrganization: async (request) => {
      const operation = await store.createOrganization(request);
      return committed(operation.organization, operation);
    },
    claim: async (request) => {
      const operation = await store.claim(request);
      return committed(operation.organization, operation);
    },
    async close() {
      await Promise.all(signing.values());
      await store.close();
    },
  };
}
