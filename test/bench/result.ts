/** One line of the benchmark's report: ours beside a reference, measured in interleaved pairs. */
export interface BenchResult {
  readonly name: string;
  /** Ours, in `unit`: the median of the pairs. */
  readonly value: number;
  readonly unit: string;
  /** The reference's value in the same unit. */
  readonly reference: number;
  /** Ours over the reference's: the median of the pairs' own ratios. */
  readonly ratio: number;
  /** The bound on `ratio` that the measurement is judged by. */
  readonly target: number;
  readonly ok: boolean;
  /** Smallest and largest ratio of any pair. */
  readonly spread?: readonly [low: number, high: number];
}
