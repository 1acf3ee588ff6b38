import { configurationTable } from './configuration-table';
import { withTables } from './markdown';
import { alertTables, auditTable, findingTables, incidentTables } from './runbook-tables';

/** Pages of `docs/` that are written by hand and have generated tables in them: each as it should be, given as it is. */
export const PAGES: Readonly<Record<string, (page: string) => string>> = {
  'RUNBOOK.md': (page) => withTables(page, alertTables()),
  'RUNBOOK_INCIDENTS.md': (page) => withTables(page, incidentTables()),
  'RUNBOOK_FINDINGS.md': (page) => withTables(page, findingTables()),
  'AUDIT.md': (page) => withTables(page, { audit: auditTable() }),
  'OPERATIONS.md': (page) => withTables(page, { configuration: configurationTable() }),
};
