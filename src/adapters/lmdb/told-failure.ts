/** Errors that stores throw, on their way from one thread to another: there they are of their kind again. */
import { StoreFailed } from '../../ports/store-failed.js';
import { StatesLost, Superseded } from '../../ports/subject-states.js';

export interface ToldFailure {
  readonly name: string;
  readonly message: string;
  /** Of a `StoreFailed`. */
  readonly where?: string;
  readonly reason?: string;
}

export function toldOf(error: unknown): ToldFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  return error instanceof StoreFailed ? { name, message, where: error.where, reason: error.reason } : { name, message };
}

export function errorOf({ name, message, where, reason }: ToldFailure): Error {
  switch (name) {
    case 'Superseded':
      return new Superseded(message);
    case 'StatesLost':
      return new StatesLost(message);
    case 'StoreFailed':
      return new StoreFailed(where ?? '', reason ?? '');
    case 'RangeError':
      return new RangeError(message);
    default:
      return new Error(`${name}: ${message}`);
  }
}
