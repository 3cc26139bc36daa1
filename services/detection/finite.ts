/** Whether no value is NaN or infinite. */
export function isFiniteThroughout(values: Float32Array): boolean {
  for (const value of values) if (value - value !== 0) return false;
  return true;
}
