/**
 * Dice that decide, one after the other, and begin anew when all are used: the same dice decide the same.
 * Zero is the first of all choices, and never odd.
 */

export const SIDES = 960;

export class Dice {
  readonly #dice: readonly number[];
  #next = 0;

  /** At least one, each below `SIDES`. */
  constructor(dice: readonly number[]) {
    this.#dice = dice;
  }

  below(bound: number): number {
    return this.#throw() % bound;
  }

  of<const Face>(faces: readonly Face[]): Face {
    return faces[this.below(faces.length)]!;
  }

  /** One time in eight. */
  isOdd(): boolean {
    return this.#throw() >= SIDES - SIDES / 8;
  }

  #throw(): number {
    return this.#dice[this.#next++ % this.#dice.length]!;
  }
}
