import { OWNER_TEXT, wordsOf } from './attribution-words';
import { EFFECT_TEXT, PROVIDER_CODES } from './codes';
import type { DeploymentId } from './ids';
import type { IncidentFacts } from './incident-facts';
import type { IncidentNoticeKind, OperationNoticeKind } from './notice';
import type { OperationFacts } from './operation-facts';

/** What is told, whoever hears it and however. */
export type Told = ToldIncident | ToldOperation;

export interface ToldOperation {
  readonly kind: OperationNoticeKind;
  readonly deployment: DeploymentId;
  readonly operation: OperationFacts;
  /** Where the organization's present state is. */
  readonly statusUrl: string;
}

export interface ToldIncident {
  readonly kind: IncidentNoticeKind;
  readonly deployment: DeploymentId;
  readonly incident: IncidentFacts;
  /** It began inside a maintenance window that the customer declared. */
  readonly isExpected: boolean;
  /** Where the organization's present state is. */
  readonly statusUrl: string;
}

/** What happened and what to do, in the code table's words and by whose it is. */
export interface ToldWords {
  readonly title: string;
  readonly text: string;
  /** Whose it is to mend. */
  readonly whose: string;
  /** What it means for the data: whether reads and writes fail, or only rotation. */
  readonly effect: string;
  readonly remedy: string;
}

export const isToldOperation = (told: Told): told is ToldOperation => 'operation' in told;

export function wordsFor({ kind, incident }: ToldIncident): ToldWords {
  const { code, owner, organization } = incident;
  const { text, remedy } = wordsOf(code, owner);
  const whose = owner === null ? 'not known yet' : OWNER_TEXT[owner];
  switch (kind) {
    case 'incident-opened':
      return {
        title: `${organization.name}: the provider refuses the customer’s key (${code})`,
        text,
        whose,
        effect: EFFECT_TEXT[PROVIDER_CODES[code].effect],
        remedy,
      };
    case 'incident-closed':
      return {
        title: `${organization.name}: the customer’s key answers again (${code})`,
        text: `It was: ${text}`,
        whose,
        effect: 'Data can be read and written again; nothing was lost.',
        remedy: 'Nothing to do. Keep this with your records: the ledger has the entries that it names.',
      };
    default: {
      const unknown: never = kind;
      throw new Error(`unknown notice ${String(unknown)}`);
    }
  }
}
