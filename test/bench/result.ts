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
  /** What `ratio` is judged by; 0: nothing, the line is there for comparison. */
  readonly target: number;
  /** Which side of the target is good: `at-least` unless it says otherwise. */
  readonly bound?: 'at-least' | 'at-most';
  readonly ok: boolean;
  /** Smallest and largest ratio of any pair. */
  readonly spread?: readonly [low: number, high: number];
}
