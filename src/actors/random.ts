/** Chance as a port: seeded in simulations, the operating system's at the edge. */

export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** Uniform integer in [0, bound). `bound` is a positive safe integer. */
  below(bound: number): number;
  /** Fresh bytes; unpredictable to others only from the edge implementation. */
  bytes(length: number): Uint8Array;
}
