import { canonicalJson, type JsonObject } from '../../domain/canonical';
import type { StatementVerifier } from '../../domain/ports/authority';
import type { LedgerText } from '../../domain/ports/publication';
import type { Signer } from '../../domain/ports/signer';
import type { CustodyStatement } from '../../domain/statement';
import type { OperationStep } from '../commit/step';
import { NotRestorable } from './not-restorable';

/** What rows are written anew with: as a commit's step, with what was published beside its entry. */
export interface RestoreStep extends OperationStep {
  readonly texts: readonly LedgerText[];
  /** The custody statement that was signed for this entry. @throws NotRestorable where none was */
  readonly custody: () => Promise<CustodyStatement>;
}

export const textOf = (texts: readonly LedgerText[], kind: string): string | null =>
  texts.find((each) => each.kind === kind)?.text ?? null;

/**
 * Signs nothing: gives the statement that was signed when the entry was written, if that says just what would be signed
 * now. So rows are written by the code that wrote them first, under the same signatures.
 */
export const publishedSignatures = (
  texts: readonly LedgerText[],
  verifier: StatementVerifier,
): Pick<Signer, 'signStatement'> => ({
  async signStatement(kind, statement) {
    const jws = textOf(texts, `statement-${kind}`);
    const index = statement.ledgerIndex;
    if (jws === null) throw new NotRestorable(`the ${kind} statement of entry ${index} wasn't published`);
    const said = await verifier[kind](jws).catch(() => null);
    if (said === null || canonicalJson(said as JsonObject) !== canonicalJson(statement as JsonObject))
      throw new NotRestorable(`the ${kind} statement of entry ${index} isn't signed for it`);
    return jws;
  },
});
