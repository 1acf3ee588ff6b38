import { writeFileSync } from 'node:fs';

/** One step of the story, as `--json` writes it. */
export interface Step {
  readonly org: string;
  readonly step: string;
  readonly ok: boolean;
  readonly ms: number;
  /** The ledger entry the step left, or `null` where it leaves none. */
  readonly entry: number | null;
}

/** What a step leaves: words for what happened and, where there is one, its ledger entry. */
export interface Outcome {
  readonly words: string;
  readonly entry: number | null;
  /** It was played by an earlier run. */
  readonly done?: boolean;
}

/**
 * The chapters of the story. Several are played at once; each is printed whole, after those before it, so that one
 * can read them.
 */
export class Report {
  readonly #chapters: Chapter[] = [];
  #closed = false;

  constructor(private readonly say: (line: string) => void) {}

  get ok(): boolean {
    const steps = this.#steps();
    return steps.length > 0 && steps.every((step) => step.ok);
  }

  chapter(heading: string): Chapter {
    const chapter = new Chapter(heading, () => this.#print());
    this.#chapters.push(chapter);
    this.#print();
    return chapter;
  }

  /** Prints nothing any more: what is still being played is being stopped. */
  close(): void {
    this.#closed = true;
  }

  write(file: string): void {
    writeFileSync(file, `${JSON.stringify({ ok: this.ok, steps: this.#steps() }, null, 2)}\n`);
  }

  #steps(): Step[] {
    return this.#chapters.flatMap(({ steps }) => steps);
  }

  #print(): void {
    if (this.#closed) return;
    for (const chapter of this.#chapters) {
      for (const line of chapter.lines.splice(0)) this.say(line);
      if (!chapter.ended) return;
    }
  }
}

/** Prints one line per step and remembers them. */
export class Chapter {
  readonly steps: Step[] = [];
  /** Not printed yet. */
  readonly lines: string[];
  ended = false;

  constructor(
    heading: string,
    private readonly print: () => void,
  ) {
    this.lines = ['', heading];
  }

  end(): void {
    this.ended = true;
    this.print();
  }

  /** Runs one step. One that throws is printed as failed, and its chapter ends there. */
  async step(org: string, name: string, run: () => Promise<Outcome>): Promise<void> {
    const started = performance.now();
    const slow = setTimeout(() => this.#say(`  … ${org}: ${name}`), 1000);
    const ms = () => Math.round(performance.now() - started);
    try {
      const { words, entry, done = false } = await run();
      this.#add({ org, step: name, ok: true, ms: ms(), entry }, words, done);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.#add({ org, step: name, ok: false, ms: ms(), entry: null }, words, false);
      throw new StepFailed(org, name, words);
    } finally {
      clearTimeout(slow);
    }
  }

  #add(step: Step, words: string, doneBefore: boolean): void {
    this.steps.push(step);
    const mark = step.ok ? (doneBefore ? 'done before' : 'ok') : 'FAILED';
    const entry = step.entry === null ? '' : `  [ledger ${step.entry}]`;
    this.#say(`${step.org.padEnd(6)}  ${step.step.padEnd(22)} ${mark.padEnd(11)} ${words}${entry}`);
  }

  #say(line: string): void {
    this.lines.push(line);
    this.print();
  }
}

export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  constructor(org: string, step: string, why: string) {
    super(`the story of ${org} stopped at "${step}": ${why}`);
  }
}
