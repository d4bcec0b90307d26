/** Guesses the next number of a row from those before it: a clock that ticks, a person who stands, walks or drives. */

/** How fast what was guessed wrong is forgotten. */
const memory = 0.9;

/**
 * Several simple guesses run side by side; the one that was nearest lately is taken. Only additions, multiplications
 * and square roots, which every machine rounds alike (IEEE 754): the reader must guess what the writer guessed.
 */
export class Course {
  #count = 0;
  #last = 0;
  #before = 0;
  #quick = 0;
  #slow = 0;
  /** A line through what came (Holt): its height and its slope. */
  #height = 0;
  #slope = 0;
  readonly #guesses = new Float64Array(guessCount);
  readonly #errors = new Float64Array(guessCount);
  #spread = 0;

  get last(): number {
    return this.#last;
  }

  /** How far off guesses were lately. */
  get spread(): number {
    return this.#spread;
  }

  /** A whole number; `first` while nothing is known. */
  guess(first: number): number {
    if (this.#count === 0) return first;
    let best = 0;
    for (let i = 1; i < guessCount; i++) {
      if ((this.#errors[i] as number) < (this.#errors[best] as number)) best = i;
    }
    return Math.round(this.#guesses[best] as number);
  }

  learn(value: number): void {
    if (this.#count === 0) {
      this.#begin(value);
      return;
    }
    this.#spread = 0.75 * this.#spread + 0.25 * Math.abs(value - this.guess(0));
    for (let i = 0; i < guessCount; i++) {
      const off = Math.sqrt(Math.abs(value - (this.#guesses[i] as number)));
      this.#errors[i] = memory * (this.#errors[i] as number) + off;
    }
    this.#before = this.#last;
    this.#last = value;
    this.#quick += (value - this.#quick) * 0.25;
    this.#slow += (value - this.#slow) * 0.0625;
    const off = value - this.#height;
    if (this.#count === 1) {
      this.#slope = off;
      this.#height = value;
    } else {
      this.#height += 0.25 * off;
      this.#slope += 0.03 * off;
    }
    this.#height += this.#slope;
    this.#count += 1;
    this.#foresee();
  }

  #begin(value: number): void {
    this.#last = value;
    this.#before = value;
    this.#quick = value;
    this.#slow = value;
    this.#height = value;
    this.#count = 1;
    this.#foresee();
  }

  #foresee(): void {
    this.#guesses[0] = this.#last;
    this.#guesses[1] = 2 * this.#last - this.#before;
    this.#guesses[2] = this.#quick;
    this.#guesses[3] = this.#slow;
    this.#guesses[4] = this.#height;
  }
}

const guessCount = 5;
