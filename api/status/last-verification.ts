import type { Finding } from '../../domain/finding';
import type { OrganizationId } from '../../domain/ids';
import type { LedgerLine, Store } from '../../store/contract';

export interface LastVerification {
  readonly at: string;
  readonly ledgerIndex: number;
  readonly findings: readonly Finding[];
}

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
  entry.includes('"type":"verification-recorded"') || entry.includes('"type":"verification-repeated"');

function read({ index, entry }: LedgerLine): LastVerification {
  const { at, body } = JSON.parse(entry) as { at: string; body: { findings: readonly Finding[] } };
  return { at, ledgerIndex: index, findings: body.findings };
}
