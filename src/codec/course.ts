/** Guesses the next number of a row from those before it: a clock that ticks, a person who stands, walks or drives. */

/** Four simple guesses; what each is good at. */
const LAST = 0;
/** On, as far as the last step went. */
const ONWARD = 1;
/** A value at rest under noise (Kalman): somebody indoors. */
const REST = 2;
/** A steady line under noise (Holt): a clock that ticks, a train. */
const LINE = 3;
const guessCount = 4;

/** How fast wrong guesses are forgotten. */
const errorMemory = 0.9;
const excessMemory = 0.8;
/** How far a value at rest wanders in a step, squared; and how far off it must be, in squares, to have moved on. */
const wander2 = 400;
const moved = 30;
/** How much of an error is taken into the height and the slope of the line. */
const heightShare = 0.25;
const slopeShare = 0.03;

/**
 * The guesses run side by side, and the one that was nearest lately is taken. Only additions, multiplications, divisions
 * and square roots, which every machine rounds alike (IEEE 754): a reader must guess what the writer guessed.
 */
export class Course {
  #count = 0;
  #last = 0;
  #rest = 0;
  /** How far off the value at rest may be, squared. */
  #doubt2 = 0;
  #height = 0;
  #slope = 0;
  #best = LAST;
  readonly #guesses = new Float64Array(guessCount);
  readonly #errors = new Float64Array(guessCount);
  /** How far off each was lately beyond the noise of what came, squared. */
  readonly #excess2 = new Float64Array(guessCount);

  /** A whole number; `first` while nothing is known. */
  guess(first: number): number {
    return this.#count === 0 ? first : Math.round(this.#guesses[this.#best] as number);
  }

  /** How far off the guess will be when what comes has this much noise (a standard deviation, in the row's unit). */
  spread(noise: number): number {
    const excess2 = this.#best === REST ? this.#doubt2 : (this.#excess2[this.#best] as number);
    return Math.sqrt(noise * noise + excess2);
  }

  learn(value: number, noise: number): void {
    if (this.#count === 0) this.#begin(value, noise);
    else this.#goOn(value, noise);
    this.#count += 1;
    this.#best = LAST;
    for (let i = 1; i < guessCount; i++) {
      if ((this.#errors[i] as number) < (this.#errors[this.#best] as number)) this.#best = i;
    }
  }

  #begin(value: number, noise: number): void {
    this.#last = value;
    this.#rest = value;
    this.#doubt2 = noise * noise;
    this.#height = value;
    this.#guesses.fill(value);
  }

  #goOn(value: number, noise: number): void {
    const noise2 = noise * noise;
    for (let i = 0; i < guessCount; i++) {
      const off = Math.abs(value - (this.#guesses[i] as number));
      this.#errors[i] = errorMemory * (this.#errors[i] as number) + Math.sqrt(off);
      const excess2 = Math.max(0, off * off - noise2);
      this.#excess2[i] = excessMemory * (this.#excess2[i] as number) + (1 - excessMemory) * excess2;
    }
    this.#guesses[LAST] = value;
    this.#guesses[ONWARD] = 2 * value - this.#last;
    this.#guesses[REST] = this.#stayed(value, noise2);
    this.#guesses[LINE] = this.#drawn(value);
    this.#last = value;
  }

  #stayed(value: number, noise2: number): number {
    const off = value - this.#rest;
    if (off * off > moved * (this.#doubt2 + noise2)) this.#doubt2 = off * off;
    // one more than nothing, so that a row without any noise divides by no zero
    const share = this.#doubt2 / (this.#doubt2 + noise2 + 1);
    this.#rest += share * off;
    this.#doubt2 = (1 - share) * this.#doubt2 + wander2;
    return this.#rest;
  }

  #drawn(value: number): number {
    const off = value - this.#height;
    this.#slope = this.#count === 1 ? off : this.#slope + slopeShare * off;
    this.#height = (this.#count === 1 ? value : this.#height + heightShare * off) + this.#slope;
    return this.#height;
  }
}
