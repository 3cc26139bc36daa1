import { AppError } from '../domain/errors.ts';

const MAX_FRAMES = 1000;

/** A comma-separated list of different frame numbers from 1, in any order. @throws {AppError} BAD_REQUEST */
export function frameNumbers(list: string): readonly number[] {
  const numbers = list.split(',').map((text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN));
  const valid = numbers.every(Number.isInteger) && new Set(numbers).size === numbers.length;
  if (!valid || numbers.length > MAX_FRAMES)
    throw new AppError('BAD_REQUEST', `frames: numbers from 1, each once, at most ${MAX_FRAMES}, separated by commas`);
  return numbers;
}
