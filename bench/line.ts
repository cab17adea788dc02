/** One measured figure. */
export interface BenchLine {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Who was measured, if not us: same work, same run. */
  readonly peer?: string;
  /** Our figure divided by the peer's. */
  readonly ratio?: number;
}
