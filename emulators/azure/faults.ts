import { z } from 'zod';
import { connectionEffects, errorMembers, FaultList, type Hit as HitOf } from '../faults/faults';
import type { EntraError } from './entra/refusal';

const matchSchema = z.strictObject({
  service: z.enum(['entra', 'vault']).optional(),
  /** `Token`, `OpenIdConfiguration`, …; of a vault, as its log names it: `KeyUnwrap`. */
  action: z.string().optional(),
  /** Vault name. */
  vault: z.string().optional(),
  /** Key name. */
  key: z.string().optional(),
  /** Secret name. */
  secret: z.string().optional(),
  /** Version of the key or secret, as the request names it. */
  version: z.string().optional(),
  /** Tenant as the request to Entra names it, or the vault's. */
  tenantId: z.string().optional(),
  /** Client id in a request to Entra. */
  appId: z.string().optional(),
  /** Requests to vaults that bear no token get the challenge, and no fault, unless this is set. */
  challenge: z.literal(true).optional(),
});

const effectSchema = z.discriminatedUnion('kind', [
  /** `code` is the outer code of a vault's error, or an AADSTS number. */
  z.strictObject({
    ...errorMembers,
    /** Inner code of a vault's error. */
    inner: z.string().optional(),
    /** OAuth error of Entra's. */
    oauth: z
      .enum([
        'invalid_request',
        'invalid_client',
        'invalid_grant',
        'invalid_scope',
        'invalid_resource',
        'invalid_tenant',
        'unauthorized_client',
        'unsupported_grant_type',
      ] satisfies EntraError['oauth'][])
      .default('invalid_request'),
  }),
  ...connectionEffects,
]);

export const faultSchema = z.strictObject({
  match: matchSchema.default({}),
  effect: effectSchema,
  count: z.int().min(1).optional(),
});

export type FaultInput = z.input<typeof faultSchema>;
export type Effect = z.output<typeof effectSchema>;
export type Hit = HitOf<Effect>;
type Match = z.output<typeof matchSchema>;

/** What's known of a request when faults are matched. Names are in lower case. */
export interface FaultFacts {
  readonly service: 'entra' | 'vault';
  readonly action: string;
  readonly vault?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly version?: string;
  readonly tenantId: string;
  readonly appId?: string;
  readonly challenge: boolean;
}

export class Faults extends FaultList<FaultInput, Match, Effect, FaultFacts> {
  constructor() {
    super((input) => faultSchema.parse(input), matches);
  }
}

function matches(match: Match, facts: FaultFacts): boolean {
  if (facts.challenge !== (match.challenge ?? false)) return false;
  const same = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted === undefined || wanted.toLowerCase() === found;
  return (
    same(match.service, facts.service) &&
    same(match.action, facts.action.toLowerCase()) &&
    same(match.vault, facts.vault) &&
    same(match.key, facts.key) &&
    same(match.secret, facts.secret) &&
    same(match.version, facts.version) &&
    same(match.tenantId, facts.tenantId) &&
    same(match.appId, facts.appId)
  );
}
