import type { RestoredOne } from './restoring';

/** One line for each organization. */
export function restoredText(each: RestoredOne): string {
  const named = each.name ?? each.organization;
  switch (each.result) {
    case 'current':
      return `${named}: ${each.entries} entries, as they were signed`;
    case 'dry':
      return `${named}: ${each.appended} entries would be restored, to ${each.entries}`;
    case 'restored':
      return `${named}: ${each.appended} entries restored, to ${each.entries}; every row is explained by its entry`;
    case 'refused':
      return `${named}: NOT RESTORED, nothing changed: ${each.why}`;
    default: {
      const unknown: never = each;
      throw new Error(`unknown result ${String(unknown)}`);
    }
  }
}
