import type { z } from 'zod';
import { ProviderFailure } from '../domain/failure';
import { isOfItsPlan } from '../domain/offboarding';
import type { StatementVerifier } from '../domain/ports/authority';
import {
  custodyStatement,
  envelopeStatement,
  offboardedStatement,
  STATEMENT_TYPS,
  type StatementKind,
  sealedStatement,
} from '../domain/statement';
import { jsonOf, type PublicJwk, payloadOf, verifyJws } from './jws';

/**
 * Checks statements against the custody signer's public keys. Anything but a valid signature over a statement of
 * the asked kind is `STATEMENT_INVALID`: whoever owns the database alone can't redirect a write.
 */
export function createStatementVerifier(custodyKeys: readonly PublicJwk[]): StatementVerifier {
  const verify = async <T>(kind: StatementKind, schema: z.ZodType<T>, jws: string): Promise<T> => {
    const verdict = await verifyJws(jws, STATEMENT_TYPS[kind], custodyKeys);
    const parsed = verdict.ok ? schema.safeParse(jsonOf(verdict.payload)) : undefined;
    if (!parsed?.success) throw new ProviderFailure('STATEMENT_INVALID');
    return parsed.data;
  };
  return {
    envelope: (jws) => verify('envelope', envelopeStatement, jws),
    custody: (jws) => verify('custody', custodyStatement, jws),
    sealed: (jws) => verify('sealed', sealedStatement, jws),
    async offboarded(jws) {
      const statement = await verify('offboarded', offboardedStatement, jws);
      const { customerApproval, operatorApproval } = statement;
      const payloads = [payloadOf(customerApproval.jws), payloadOf(operatorApproval)] as const;
      if (!isOfItsPlan(statement, ...payloads)) throw new ProviderFailure('STATEMENT_INVALID');
      return statement;
    },
  };
}
