import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import {
  type Instant,
  instantOf,
  type KeyRef,
  type OperationId,
  type OrganizationId,
} from '../../domain/ids';
import type { StatementVerifier } from '../../domain/ports/authority';
import type { PlatformKeyControl } from '../../domain/ports/platform';
import type { CustodyStatement } from '../../domain/statement';
import { createCall } from '../aws-kms/call';
import type { AwsIdentity } from '../aws-kms/clients';
import { decrypt } from '../aws-kms/cryptography';
import type { Observe } from '../calls/call';
import type { Egress } from '../egress/egress';
import { Administration, CONTROL_COMMANDS, type Described } from './administration';
import {
  aliasOf,
  OFFBOARDING_TAG,
  ORGANIZATION_TAG,
  type PlatformPrincipals,
  platformKeyPolicy,
} from './key-policy';
import { OwnKms } from './own-kms';

export interface PlatformKeyControlOptions {
  readonly egress: Egress;
  readonly region: string;
  /** May create, disable and schedule for deletion; may not wrap or unwrap. */
  readonly control: AwsIdentity;
  /** May wrap and unwrap: an unwrap it is refused proves something, the control identity's would not. */
  readonly cipher: AwsIdentity;
  readonly principals: PlatformPrincipals;
  readonly statements: StatementVerifier;
  readonly clock: () => number;
  readonly observe: Observe;
  /** Of each call, in milliseconds. */
  readonly deadlineMs: number;
}

/** The shortest window AWS gives. */
const DELETION_DAYS = 7;
/** What a key that can't unwrap answers. A denial isn't among them: it is about the asker, not the key. */
const REFUSED: ReadonlySet<ProviderCode> = new Set<ProviderCode>([
  'KEY_DISABLED',
  'KEY_PENDING_DELETION',
  'KEY_NOT_FOUND',
]);

export function createPlatformKeyControl(options: PlatformKeyControlOptions): PlatformKeyControl {
  const { egress, region, clock, observe, principals, statements, deadlineMs } = options;
  const call = createCall({ provider: 'platform', clock, observe });
  const own = new OwnKms({ egress, region, identity: options.control, clock, commands: CONTROL_COMMANDS });
  const kms = new Administration(own, call, region, deadlineMs);

  /** Left by a run that died between creating its key and naming it. */
  async function orphansOf(tags: ReadonlyMap<string, string>): Promise<readonly KeyRef[]> {
    const orphans: KeyRef[] = [];
    for (const keyRef of await kms.unnamedKeys()) {
      const key = await kms.describeIfOurs(keyRef);
      if (key?.state === 'enabled' && isSame(tags, await kms.tags(keyRef))) orphans.push(keyRef);
    }
    return orphans;
  }

  const deletionOf = async ({ keyRef, destroyedAt }: Described): Promise<Instant> =>
    destroyedAt ?? (await kms.scheduleDeletion(keyRef, DELETION_DAYS));

  /**
   * The key a custody change may be carried out on, or `null` when it is gone. Bound to the organization twice: by
   * the tags it was created with, and by being the one that the alias of those names. The key's own policy lets
   * nobody change either. (The caller has held it against the signed statements as well.)
   */
  async function authorized(keyRef: KeyRef, custodyStatement: string): Promise<Described | null> {
    const { organization } = await customerCustody(statements, custodyStatement);
    const key = await kms.describe(keyRef);
    if (key === null) return null;
    const tags = await kms.tags(keyRef);
    const named = await kms.describe(aliasOf(organization, tags.get(OFFBOARDING_TAG) ?? null));
    if (tags.get(ORGANIZATION_TAG) !== organization || named?.keyRef !== keyRef)
      throw new ProviderFailure('STATEMENT_INVALID');
    return key;
  }

  return {
    /**
     * The alias is the arbiter: whoever names it first has the organization's key, and the others schedule
     * theirs, which nothing was ever wrapped under, for deletion.
     */
    create: async (organization, offboarding) => {
      const alias = aliasOf(organization, offboarding ?? null);
      const tags = tagsOf(organization, offboarding);
      const existing = await kms.describe(alias);
      if (existing !== null) return usable(existing);
      const [orphan] = await orphansOf(tags);
      const mine = orphan ?? (await kms.createKey(tags, platformKeyPolicy(organization, principals)));
      if (await kms.createAlias(alias, mine)) return mine;
      const winner = await kms.describe(alias);
      if (winner === null) throw new ProviderFailure('PROVIDER_TRANSIENT');
      if (winner.keyRef !== mine) await kms.scheduleDeletion(mine, DELETION_DAYS);
      return usable(winner);
    },
    disable: async (keyRef, custodyStatement) => {
      const key = await authorized(keyRef, custodyStatement);
      if (key?.state === 'enabled') await kms.disable(keyRef);
    },
    scheduleDeletion: async (keyRef, custodyStatement) => {
      const key = await authorized(keyRef, custodyStatement);
      // Gone already: it was destroyed at some time before now.
      if (key === null) return { destroyedAt: instantOf(clock()) };
      return { destroyedAt: await deletionOf(key) };
    },
    /** Never the key that custody is under: the statement is of the customer's, and the key of the one operation. */
    retireSpare: async (organization, offboarding, custodyStatement) => {
      const custody = await customerCustody(statements, custodyStatement);
      if (custody.organization !== organization || custody.operationId === offboarding)
        throw new ProviderFailure('STATEMENT_INVALID');
      const spares: { keyRef: KeyRef; destroyedAt: Instant }[] = [];
      for (const keyRef of await orphansOf(tagsOf(organization, offboarding)))
        spares.push({ keyRef, destroyedAt: await kms.scheduleDeletion(keyRef, DELETION_DAYS) });
      const named = await kms.describe(aliasOf(organization, offboarding));
      if (named !== null) spares.push({ keyRef: named.keyRef, destroyedAt: await deletionOf(named) });
      return spares.at(-1) ?? null;
    },
    state: async (keyRef) => (await kms.describe(keyRef))?.state ?? 'gone',
    refusesUnwrap: async (keyRef, wrapped, context) => {
      const alone = egress.isolated();
      const signal = AbortSignal.timeout(deadlineMs);
      const prober = new OwnKms({
        egress: alone,
        region,
        identity: options.cipher,
        clock,
        commands: ['Decrypt'],
      });
      try {
        const { bytes, requestId } = await prober.use(signal, (client) =>
          decrypt(call, client, { region, signal }, keyRef, wrapped, context),
        );
        bytes.fill(0);
        return { refused: false, requestId };
      } catch (failure) {
        if (failure instanceof ProviderFailure && REFUSED.has(failure.code))
          return { refused: true, requestId: failure.requestId };
        throw failure;
      } finally {
        alone.close();
      }
    },
  };
}

function tagsOf(organization: OrganizationId, offboarding?: OperationId): ReadonlyMap<string, string> {
  const tags = new Map<string, string>([[ORGANIZATION_TAG, organization]]);
  return offboarding === undefined ? tags : tags.set(OFFBOARDING_TAG, offboarding);
}

const isSame = (some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): boolean =>
  some.size === others.size && [...some].every(([name, value]) => others.get(name) === value);

/** @throws ProviderFailure `STATEMENT_INVALID` for anything but our valid word that the customer has custody. */
async function customerCustody(statements: StatementVerifier, jws: string): Promise<CustodyStatement> {
  const statement = await statements.custody(jws);
  if (statement.custody !== 'customer') throw new ProviderFailure('STATEMENT_INVALID');
  return statement;
}

/** A dead key must never be taken for a new one. */
function usable({ keyRef, state }: Described): KeyRef {
  switch (state) {
    case 'enabled':
      return keyRef;
    case 'disabled':
      throw new ProviderFailure('KEY_DISABLED');
    case 'pending-deletion':
      throw new ProviderFailure('KEY_PENDING_DELETION');
    default: {
      const unknown: never = state;
      throw new Error(`unknown state ${String(unknown)}`);
    }
  }
}
