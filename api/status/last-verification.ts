import type { Owner, ProviderCode } from '../../domain/codes';
import { type Finding, ownersOf } from '../../domain/finding';
import type { ConnectionId, OrganizationId } from '../../domain/ids';
import type { LedgerLine, Store } from '../../store/contract';

export interface LastVerification {
  readonly at: string;
  readonly ledgerIndex: number;
  readonly connectionId: ConnectionId;
  readonly findings: readonly Finding[];
  /** Why there are no findings; `null`: there are. */
  readonly trouble: Trouble | null;
}

interface Trouble {
  readonly code: ProviderCode | 'INTERNAL';
  readonly owner: Owner;
  readonly requestId: string | null;
}

/** Whose its failures are. */
export const failuresOf = ({ findings, trouble }: LastVerification): readonly Owner[] =>
  trouble === null ? ownersOf(findings) : [trouble.owner];

const PAGE = 100;
const PAGES = 3;

/** The newest verification among the latest 300 ledger entries; its findings are recorded nowhere else. */
export async function lastVerification(
  store: Pick<Store, 'ledgerLines'>,
  organization: OrganizationId,
  ledgerSize: number,
): Promise<LastVerification | null> {
  for (let page = 1, end = ledgerSize; page <= PAGES && end > 0; page++, end -= PAGE) {
    const from = Math.max(0, end - PAGE);
    const lines = await store.ledgerLines(organization, from, end - from);
    const newest = lines.findLast(isVerification);
    if (newest !== undefined) return read(newest);
  }
  return null;
}

/** One that changed nothing is as new a finding as one that did. */
const isVerification = ({ entry }: LedgerLine): boolean =>
  TYPES.some((type) => entry.includes(`"type":"${type}"`));
const TYPES = ['verification-recorded', 'verification-repeated', 'verification-impeded'] as const;

type Entry = { readonly at: string } & (
  | {
      readonly type: Exclude<(typeof TYPES)[number], 'verification-impeded'>;
      readonly body: Pick<LastVerification, 'connectionId' | 'findings'>;
    }
  | {
      readonly type: 'verification-impeded';
      readonly body: Pick<LastVerification, 'connectionId'> & Trouble;
    }
);

function read({ index: ledgerIndex, entry }: LedgerLine): LastVerification {
  const { at, type, body } = JSON.parse(entry) as Entry;
  const { connectionId } = body;
  if (type !== 'verification-impeded')
    return { at, ledgerIndex, connectionId, findings: body.findings, trouble: null };
  const { code, owner, requestId } = body;
  return { at, ledgerIndex, connectionId, findings: [], trouble: { code, owner, requestId } };
}
