import type { LedgerIndex } from '../../../domain/ids';
import { organizationId } from '../../../domain/intake/fields';
import { type Archive, PublicationAway } from '../../../domain/ports/archive';
import type { PublishedPart } from '../../../domain/ports/publication';
import { publicationIn } from '../../../ledger/publication-archive';

/** Names that a page of the place's listing holds; more than one page is asked for. */
export const PAGE = 3;

export interface Place {
  readonly archive: Archive;
  /** The same place as another process sees it. */
  another(): Archive;
  /** Every name there is, whoever made it, and what an unfinished one is called. */
  everything(): Promise<readonly string[]>;
  /** The place lets nobody in, until what is answered is called. */
  deny(): Promise<() => Promise<void>>;
  /** How the place names that to us. */
  readonly denied: string;
  /** Once each: what can go wrong while one file is made. `nothing` and `whole`: what is there afterwards. */
  readonly crashes: readonly {
    readonly name: string;
    /** Makes it go wrong at the next file. */
    arm(): void;
    readonly leaves: 'nothing' | 'whole' | 'either';
    /** It isn't told: another attempt was made at once. */
    readonly isMended: boolean;
  }[];
}

export const organization = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
export const part = (from: number, size: number): PublishedPart => ({
  organization,
  from,
  size,
  frontier: Uint8Array.of(size),
  checkpoint: `a note of ${size}\nand its signature\n`,
  texts: [{ index: from as LedgerIndex, kind: 'order', text: 'a\nb, “c” ß' }],
  lines: Array.from({ length: size - from }, (_, i) => `{"index":${from + i}}`),
});

export async function indexesIn(archive: Archive): Promise<readonly number[]> {
  const read = new Set<string>();
  for await (const { lines } of publicationIn(archive).parts(organization))
    for (const line of lines) read.add(line);
  return [...read].map((line) => (JSON.parse(line) as { index: number }).index);
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const unusable = { name: 'PublicationUnusable' };

/** What a place must be for ledgers to be published there: a folder, or a bucket. */
export function archiveContract(open: () => Promise<Place>): void {
  let place: Place;
  beforeEach(async () => {
    place = await open();
  });

  test('inv09: what is there is never written over, also by those who come at once; another history is an alarm', async () => {
    const { archive } = place;
    expect(await archive.create('a/one', bytes('first'))).toBe('created');
    expect(await archive.create('a/one', bytes('second'))).toBe('present');
    const both = [archive, place.another()].map((each) => each.create('a/two', bytes('same')));
    expect((await Promise.all(both)).sort()).toEqual(['created', 'present']);
    expect(await archive.read('a/one')).toEqual(bytes('first'));

    const publication = publicationIn(archive);
    await publication.publish(part(0, 3));
    await publication.publish({ ...part(0, 3), checkpoint: 'another' });
    expect(await publication.latest(organization)).toEqual(part(0, 3));
    await publication.publish(part(0, 5));
    // Another process had published less.
    await publicationIn(place.another()).publish(part(3, 5));
    expect(await indexesIn(archive)).toEqual([0, 1, 2, 3, 4]);
    const forked = { ...part(3, 5), frontier: Uint8Array.of(99) };
    await expect(publication.publish(forked)).rejects.toMatchObject(unusable);
    expect(await publication.latest(organization)).toEqual(part(0, 5));
  });

  test('a listing is whole however many pages it has, sorted, of one folder alone, and goes on after a name', async () => {
    const { archive } = place;
    const names = Array.from({ length: 2 * PAGE + 1 }, (_, i) => `${String(i).padStart(2, '0')}.jsonl`);
    for (const name of [...names].reverse()) await archive.create(`a/${name}`, bytes(name));
    for (const folder of ['b', 'c', 'd', 'ab']) await archive.create(`${folder}/one`, bytes(folder));
    expect(await archive.list('a')).toEqual(names);
    expect(await archive.list('a', names[PAGE])).toEqual(names.slice(PAGE + 1));
    expect(await archive.list('a', names.at(-1))).toEqual([]);
    expect(await archive.list('')).toEqual(['a', 'ab', 'b', 'c', 'd']);
    expect(await archive.list('z')).toEqual([]);
    expect(await archive.read('a/none')).toBeUndefined();
  });

  test('inv09: a crash leaves a part whole or not at all, between two parts too; the next try publishes it', async () => {
    const publication = publicationIn(place.archive);
    await publication.publish(part(0, 3));
    let size = 3;
    for (const { name, arm, leaves, isMended } of place.crashes) {
      const next = part(size, size + 2);
      arm();
      const outcome = await publication.publish(next).then(
        () => 'done',
        (error: unknown) => (error as Error).name,
      );
      expect({ name, outcome }).toEqual({ name, outcome: isMended ? 'done' : 'PublicationAway' });
      const latest = await publicationIn(place.another()).latest(organization);
      if (leaves !== 'either')
        expect({ name, size: latest?.size }).toEqual({ name, size: leaves === 'whole' ? size + 2 : size });
      await publicationIn(place.another()).publish(next);
      size += 2;
      const another = place.another();
      expect({ name, latest: await publicationIn(another).latest(organization) }).toEqual({
        name,
        latest: next,
      });
      expect(await indexesIn(another)).toEqual(Array.from({ length: size }, (_, i) => i));
    }
  });

  test('inv09: many parts are bound into a book, which is read in their place; they stay, and nothing is lost of them', async () => {
    const full = { entries: 4, characters: 1_000 };
    const publication = publicationIn(place.archive, full);
    const texts = (of: readonly PublishedPart[]) =>
      new Set(of.flatMap((each) => each.texts.map(({ index }) => index)));
    const all = async (of = publicationIn(place.another(), full)) => {
      const parts: PublishedPart[] = [];
      for await (const each of of.parts(organization)) parts.push(each);
      return parts;
    };
    // One overlaps the one before it.
    for (const each of [part(0, 1), part(1, 3), part(2, 4)]) await publication.publish(each);
    const before = await all();
    await publication.bind(organization);
    expect((await all()).map(({ from, size }) => [from, size])).toEqual([[0, 4]]);
    expect(await indexesIn(place.another())).toEqual([0, 1, 2, 3]);
    expect(texts(await all())).toEqual(texts(before));
    expect((await all())[0]).toMatchObject({ checkpoint: part(2, 4).checkpoint, frontier: Uint8Array.of(4) });

    for (let size = 4; size < 13; size += 1) await publication.publish(part(size, size + 1));
    const loose = (await place.everything()).filter((name) => /^(.*\/)?\d{12}\.jsonl$/.test(name));
    await publication.bind(organization);
    await publicationIn(place.another(), full).bind(organization);
    expect((await all()).map(({ from, size }) => [from, size])).toEqual([
      ...[
        [0, 4],
        [4, 8],
        [8, 12],
      ],
      [12, 13],
    ]);
    expect(await indexesIn(place.another())).toEqual(Array.from({ length: 13 }, (_, i) => i));
    expect(await place.everything()).toEqual(expect.arrayContaining(loose));
    expect((await publicationIn(place.another()).latest(organization))?.size).toBe(13);

    // What is long fills one sooner.
    const long = { ...part(13, 14), lines: [`{"index":13,"long":"${'x'.repeat(1_000)}"}`] };
    for (const each of [long, ...[14, 15, 16].map((from) => part(from, from + 1))])
      await publication.publish(each);
    await publication.bind(organization);
    expect((await all()).map(({ size }) => size)).toEqual([4, 8, 12, 14, 15, 16, 17]);

    // Whoever puts a book there that isn't one is found.
    await place.archive.create(`${organization}/books/000000000014-000000000999.jsonl`, bytes('cut o'));
    await expect(all()).rejects.toMatchObject(unusable);
  });

  test('a part that is gone, or missing between others, is not passed over', async () => {
    const publication = publicationIn(place.archive);
    await publication.publish(part(3, 5));
    await expect(indexesIn(place.archive)).rejects.toMatchObject(unusable);
    await place.archive.create(`${organization}/000000000007.jsonl`, bytes('cut o'));
    await expect(publication.latest(organization)).rejects.toMatchObject(unusable);
  });

  test('nothing published is nothing, and a finding is kept once', async () => {
    const publication = publicationIn(place.archive);
    expect(await publication.latest(organization)).toBeNull();
    expect(await publication.organizations()).toEqual([]);
    const finding = { finding: 'entry-missing', index: 3 };
    await publication.report(organization, [finding]);
    await publication.report(organization, [finding]);
    await publication.report(organization, [finding, { finding: 'head-differs', entries: 5 }]);
    expect(await place.everything()).toHaveLength(2);
    expect(await publication.organizations()).toEqual([organization]);
  });

  test('that we are not let in is told as our own trouble, by its name and nothing more', async () => {
    const publication = publicationIn(place.archive);
    await publication.publish(part(0, 3));
    const admit = await place.deny();
    for (const refused of [
      publication.publish(part(3, 5)),
      publication.latest(organization),
      place.archive.list(''),
    ])
      await expect(refused).rejects.toEqual(new PublicationAway(place.denied));
    await admit();
    await publication.publish(part(3, 5));
    expect(await indexesIn(place.archive)).toEqual([0, 1, 2, 3, 4]);
  });
}
