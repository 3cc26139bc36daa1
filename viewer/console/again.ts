/** Between two readings of what a section shows. */
export const AGAIN_MS = 10_000;
