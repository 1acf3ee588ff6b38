import type { Verdict } from '../../../ledger/verify';
import type { Outcome } from '../../command';
import { EXIT, type ExitCode } from '../../exit-codes';
import { fields, table } from '../../words/table';
import type { Claims } from './claims';
import { wordOf } from './provider-record';
import { DELAY_MS, type Result } from './reconciliation';
import type { Group, Sightings } from './sightings';
import type { Unread } from './unread';

export interface Reconciled {
  readonly verdict: Verdict;
  readonly claims: Claims;
  /** How many files the export has. */
  readonly files: number;
  readonly unread: Unread;
  readonly result: Result;
}

const GROUPS_SHOWN = 10;

/** The comparison for people and machines, and the exit code that says it. */
export function reconciledOutcome(reconciled: Reconciled): Outcome {
  const { verdict, words, exitCode } = conclusionOf(reconciled);
  return { json: { verdict, ...jsonOf(reconciled) }, text: `${words}\n${textOf(reconciled)}`, exitCode };
}

interface Conclusion {
  readonly verdict: 'failed' | 'outside' | 'unmatched' | 'self-attested' | 'matched';
  readonly words: string;
  readonly exitCode: ExitCode;
}

function conclusionOf({ verdict, claims, unread, result }: Reconciled): Conclusion {
  const { outside, matched, oursOnly } = result;
  if (verdict === 'failed') {
    const words = `FAILED: ${claims.unbound} usage rows aren’t those of the signed ledger; they were left out`;
    return { verdict, words, exitCode: EXIT.failed };
  }
  if (outside.count > 0) {
    const words = `OUTSIDE: the key was used ${times(outside.count)} by somebody whom the ledger knows nothing of`;
    return { verdict: 'outside', words, exitCode: EXIT.outside };
  }
  const unmatched = (why: string): Conclusion => ({
    verdict: 'unmatched',
    words: `UNMATCHED: no use from outside was found, but ${why}`,
    exitCode: EXIT.unmatched,
  });
  if (matched.done + matched.refused + matched.named === 0)
    return unmatched('the bundle and the log have no call in common');
  if (unread.count > 0) return unmatched(`${unread.count} pieces of the log couldn’t be read`);
  if (oursOnly.count > 0)
    return unmatched(`the log lacks ${oursOnly.count} calls that the ledger says were made`);
  const words = 'MATCHED: every use of the key that both cover is in the signed ledger';
  if (verdict === 'self-attested')
    return {
      verdict,
      words: `${words}; SELF-ATTESTED: give --trust with keys you got another way`,
      exitCode: EXIT.selfAttested,
    };
  return { verdict: 'matched', words, exitCode: EXIT.ok };
}

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);
const instant = (ms: number) => new Date(ms).toISOString();
const span = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => `${instant(fromMs)} to ${instant(toMs)}`;

function textOf({ claims, files, unread, result }: Reconciled): string {
  const { matched, outside, denied, deniedOfNoKey, oursOnly, unjudged, coverage } = result;
  const logs = Object.entries(coverage).map(
    ([provider, covered]) => `${provider}, ${covered.records} records, ${span(covered)}`,
  );
  const counted = (count: number, words: string) => (count === 0 ? null : `${count} ${words}`);
  const delays = Object.keys(coverage).map((name) => DELAY_MS[name as keyof typeof DELAY_MS] / 60_000);
  const lines = [
    fields([
      ['ledger covers', claims.window === null ? 'nothing' : span(claims.window)],
      ...logs.map((log) => ['log covers', log] as const),
      ['files', files],
      ['matched', `${matched.done} done, ${matched.refused} refused`],
      ['', counted(matched.named, 'named in the ledger’s findings')],
      ['', counted(result.byTime, 'by key, caller and time: we never got their answer')],
      ['outside', outside.count],
      ['denied to others', denied.count],
      ['', counted(deniedOfNoKey.count, 'more, of which the log doesn’t say the key')],
      ['ours only', oursOnly.count],
      ['', counted(result.late, `more may still come: a log is up to ${Math.max(...delays)} minutes late`)],
      ['', counted(result.idle, 'more served nothing, and may never have reached the log')],
      ['not judged', counted(unjudged.records, 'uses at times that the usage rows don’t cover')],
      ['', counted(unjudged.rows, 'usage rows at times that the log doesn’t cover')],
      ['not compared', counted(result.other, 'records that aren’t uses of the key')],
      ['', counted(claims.platform, 'rows of the operator’s own key, which isn’t in your log')],
      ['came twice', counted(result.duplicates, 'records')],
      ['not bound', counted(claims.unbound, 'rows that the signed ledger doesn’t have')],
      ['not read', counted(unread.count, 'pieces')],
    ]),
    callers('used from outside', outside),
    callers('denied', denied),
    callers('denied, key unsaid', deniedOfNoKey),
    section(
      'only in the ledger',
      oursOnly.told
        .slice(0, GROUPS_SHOWN)
        .map(({ requestId, atMs, purpose }) => [instant(atMs), purpose, wordOf(requestId)]),
      oursOnly.count,
    ),
    section(
      'not read',
      unread.places.map(({ file, line, why }) => [`${file}:${line}`, why]),
      unread.count,
    ),
  ];
  return lines.join('');
}

function callers(title: string, sightings: Sightings): string {
  const groups = sightings.groups();
  const row = ({ principal, operation, source, count, firstMs, lastMs }: Group) => [
    String(count),
    operation,
    principal,
    source === '' ? 'unsaid' : source,
    firstMs === lastMs ? instant(firstMs) : span({ fromMs: firstMs, toMs: lastMs }),
  ];
  return section(title, groups.slice(0, GROUPS_SHOWN).map(row), groups.length);
}

function section(title: string, rows: readonly (readonly string[])[], of: number): string {
  if (rows.length === 0) return '';
  const more = of > rows.length ? `    and ${of - rows.length} more: see --json\n` : '';
  return `\n  ${title}\n${table(rows, '    ')}\n${more}`;
}

function jsonOf({ verdict, claims, files, unread, result }: Reconciled) {
  const { outside, denied, deniedOfNoKey, oursOnly, coverage, ...counts } = result;
  const spanJson = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => ({
    from: instant(fromMs),
    to: instant(toMs),
  });
  const seen = (sightings: Sightings) => ({
    count: sightings.count,
    callers: sightings.groups().map(({ firstMs, lastMs, ...group }) => ({
      ...group,
      first: instant(firstMs),
      last: instant(lastMs),
    })),
    ungrouped: sightings.ungrouped,
    earliest: sightings.told().map(({ atMs, requestId, operation, refusal, principal, source, agent }) => ({
      at: instant(atMs),
      requestId: requestId === null ? null : wordOf(requestId),
      operation,
      refusal,
      principal,
      source,
      agent,
    })),
  });
  return {
    bundle: verdict,
    ledger: {
      covers: claims.window && spanJson(claims.window),
      rows: claims.rows.length,
      unbound: claims.unbound,
      platform: claims.platform,
    },
    log: {
      files,
      covers: Object.entries(coverage).map(([provider, covered]) => ({
        provider,
        records: covered.records,
        ...spanJson(covered),
      })),
    },
    ...counts,
    outside: seen(outside),
    denied: seen(denied),
    deniedOfNoKey: seen(deniedOfNoKey),
    oursOnly: {
      count: oursOnly.count,
      earliest: oursOnly.told.map(({ atMs, requestId, key, purpose, operations }) => ({
        at: instant(atMs),
        requestId: requestId === null ? null : wordOf(requestId),
        key: wordOf(key),
        purpose: wordOf(purpose),
        operations,
      })),
    },
    unread: { count: unread.count, places: unread.places },
  };
}
