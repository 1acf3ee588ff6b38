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

/** Prints one line per step and remembers them. */
export class Report {
  readonly #steps: Step[] = [];

  constructor(private readonly say: (line: string) => void) {}

  get ok(): boolean {
    return this.#steps.length > 0 && this.#steps.every((step) => step.ok);
  }

  /**
   * Runs one step. It must return the words for what happened and, where there is one, its ledger entry.
   * A step that throws is printed as failed, and the story ends there.
   */
  async step(
    org: string,
    name: string,
    run: () => Promise<{ words: string; entry: number | null; done?: boolean }>,
  ): Promise<void> {
    const started = performance.now();
    const slow = setTimeout(() => this.say(`  … ${org}: ${name}`), 1000);
    try {
      const { words, entry, done = false } = await run();
      this.#add(
        { org, step: name, ok: true, ms: Math.round(performance.now() - started), entry },
        words,
        done,
      );
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.#add(
        { org, step: name, ok: false, ms: Math.round(performance.now() - started), entry: null },
        words,
        false,
      );
      throw new StepFailed(name, words);
    } finally {
      clearTimeout(slow);
    }
  }

  write(file: string): void {
    writeFileSync(file, `${JSON.stringify({ ok: this.ok, steps: this.#steps }, null, 2)}\n`);
  }

  #add(step: Step, words: string, doneBefore: boolean): void {
    this.#steps.push(step);
    const mark = step.ok ? (doneBefore ? 'done before' : 'ok') : 'FAILED';
    const entry = step.entry === null ? '' : `  [ledger ${step.entry}]`;
    this.say(`${step.org}  ${step.step.padEnd(22)} ${mark.padEnd(11)} ${words}${entry}`);
  }
}

export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  constructor(step: string, why: string) {
    super(`the story stopped at "${step}": ${why}`);
  }
}
