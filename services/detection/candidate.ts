import type { PatientPoint } from '../domain/geometry.ts';

/** A spot the model proposes, in the patient. */
export interface Candidate {
  readonly center: PatientPoint;
  readonly diameterMm: number;
  readonly score: number;
}

/** By falling score; equal scores by place, so that the order never depends on how the volume was walked. */
export const byScore = (a: Candidate, b: Candidate): number =>
  b.score - a.score || b.center[2] - a.center[2] || b.center[1] - a.center[1] || b.center[0] - a.center[0];
